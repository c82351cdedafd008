using System.Globalization;
using System.Text.Json;
using MLOpsLearn.Cli.Transfer;

namespace MLOpsLearn.Cli.Commands;

/// <summary>How an import or an export tells what it did.</summary>
internal static class TransferOutput
{
    private const int MostShown = 20;

    /// <summary>On standard error: standard output is for the result.</summary>
    public static void Progress(string line) => Console.Error.WriteLine($"mlops: {line}");

    public static void Write(TransferSummary summary, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(summary, Output.SnakeCase));
            return;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Experiments} experiments; {summary.Runs} runs with {summary.Points} points, {summary.RunsThereAlready} runs were there already; {summary.Files} files ({summary.FileBytes} bytes)."));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Models} models; {summary.Versions} versions, {summary.VersionsThereAlready} were there already; {summary.Aliases} aliases."));
        Console.WriteLine(summary.SkippedCount == 0 ? "Nothing was left out." : string.Create(CultureInfo.InvariantCulture, $"{summary.SkippedCount} left out:"));
        foreach (var skip in summary.Skipped.Take(MostShown))
        {
            Console.WriteLine($"  {skip.What}: {skip.Why}");
        }

        if (summary.SkippedCount > MostShown)
        {
            Console.WriteLine("  … the others with --json");
        }
    }

    /// <summary>Runs a transfer, whose faults say how it goes on.</summary>
    /// <exception cref="CommandException">It stopped; the message says why.</exception>
    public static async Task RunAsync(string what, Func<Task> transfer)
    {
        try
        {
            await transfer();
        }
        catch (Exception exception) when (exception is MLflowFault or HttpRequestException or IOException)
        {
            throw new CommandException($"The {what} stopped: {exception.Message.ReplaceLineEndings(" ")} Run the same command again: it goes on where it was.");
        }
    }
}
