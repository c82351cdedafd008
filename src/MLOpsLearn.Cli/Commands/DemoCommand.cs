using System.CommandLine;
using System.Text.Json;
using MLOpsLearn.Cli.Demo;
using MLOpsLearn.Cli.Report;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops demo</c>: the whole loop, on generated or on real trips.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of real monthly files, green_tripdata_YYYY-MM.parquet. Default: generated trips.", HelpName = "DIR" };
        var from = new Option<string?>("--from") { Description = "First month: the one to train on.", HelpName = "YYYY-MM" };
        var to = new Option<string?>("--to") { Description = "Last month.", HelpName = "YYYY-MM" };
        var server = new Option<string?>("--server") { Description = "A server that runs already. Default: one is started for the demo.", HelpName = "URL" };
        var grpc = new Option<string?>("--grpc") { Description = "Its gRPC address. Default: the same host and the next port.", HelpName = "URL" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON; progress goes to standard error." };
        var report = new Option<string?>("--report") { Description = "Where the HTML report goes.", HelpName = "FILE.html" };
        var seed = new Option<int>("--seed") { Description = "Seed of generated trips and of training.", DefaultValueFactory = _ => 42 };
        var state = new Option<string?>("--state") { Description = "Folder of the demo's server. Default: a fresh temporary one.", HelpName = "DIR" };
        var keep = new Option<bool>("--keep") { Description = "Leave the server running afterwards." };
        var noChange = new Option<bool>("--no-change") { Description = "Generated trips: the city never changes, so nothing decays and the loop has no reason to close." };
        var command = new Command(
            "demo",
            """
            Trains a model of trip duration, serves it, replays months of trips through it, and shows how the loop closes: an alert, a retraining, a better version in service.

            Examples:
              mlops demo
              mlops demo --data ./green-taxi --from 2021-01 --report loop.html
              mlops demo --json > result.json
            """) { data, from, to, server, grpc, json, report, seed, state, keep, noChange };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new DemoSettings
            {
                Data = parsed.GetValue(data),
                From = TripFiles.ParseMonth("--from", parsed.GetValue(from)),
                To = TripFiles.ParseMonth("--to", parsed.GetValue(to)),
                Server = parsed.GetValue(server),
                Grpc = parsed.GetValue(grpc),
                Json = parsed.GetValue(json),
                Report = parsed.GetValue(report),
                Seed = parsed.GetValue(seed),
                State = parsed.GetValue(state),
                Keep = parsed.GetValue(keep),
                NoChange = parsed.GetValue(noChange),
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(DemoSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Data is null && (settings.From is not null || settings.To is not null))
        {
            throw new CommandException("--from and --to choose among real months: name their folder with --data.");
        }

        if (settings is { Server: not null, State: not null } or { Server: not null, Keep: true })
        {
            throw new CommandException("--state and --keep are about the server that the demo starts; they don't go with --server.");
        }

        // Looked at first: nothing is started or written for a folder that holds no months.
        var real = settings.Data is null ? null : TripFiles.Find(settings.Data, settings.From, settings.To);
        var temporary = Directory.CreateTempSubdirectory("mlops-demo-").FullName;
        var keepsState = settings.State is not null || settings.Keep;
        try
        {
            var files = real ?? Generate(Path.Combine(temporary, "trips"), settings, cancellationToken);
            var state = settings.State ?? Path.Combine(temporary, "state");
            var progress = new DemoProgress();
            await using var child = settings.Server is null ? await ServerProcess.StartAsync(state, cancellationToken) : null;
            using var client = ServerOptions.Connect(child?.Address ?? settings.Server!, child?.Grpc ?? settings.Grpc, "demo");
            await CheckServerAsync(client, cancellationToken);
            var result = await progress.RunAsync(() => new DemoRunner(client, progress).RunAsync(files, settings.Data ?? "generated", settings.Seed, cancellationToken));
            Show(result, settings, WriteReport(result, settings));
            if (settings.Keep && child is not null)
            {
                Console.Error.WriteLine($"The server stays up at {child.Address} until Ctrl+C. Try:");
                foreach (var next in new[] { $"lineage {result.Model}@champion", "alerts list", $"freeze {result.Model} --why \"looking closer\"" })
                {
                    Console.Error.WriteLine($"  mlops {next} --server {child.Address} --grpc {child.Grpc}");
                }

                await child.WaitAsync(cancellationToken);
            }

            return result.Closed ? ExitCodes.Done : ExitCodes.Failed;
        }
        finally
        {
            if (!keepsState || settings.State is not null)
            {
                Delete(temporary);
            }
        }
    }

    private static IReadOnlyList<TripFile> Generate(string folder, DemoSettings settings, CancellationToken cancellationToken)
    {
        new TripGenerator(settings.Seed, settings.NoChange ? null : TripGenerator.DefaultFirstChanged).Write(folder, TripGenerator.Months, cancellationToken);
        return TripFiles.Find(folder, null, null);
    }

    private static async Task CheckServerAsync(MLOpsLearnClient client, CancellationToken cancellationToken)
    {
        if (!await client.IsReadyAsync(cancellationToken))
        {
            throw new CommandException($"The server at {client.Server} does not answer, or is not ready. Start one with: mlops server");
        }
    }

    private static string WriteReport(DemoResult result, DemoSettings settings)
    {
        var path = Path.GetFullPath(settings.Report ?? Path.Combine(settings.State ?? Path.GetTempPath(), $"mlops-demo-{result.Model}.html"));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, HtmlReport.Render(result));
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"The report can't be written to '{path}': {exception.Message} Choose another file with --report.");
        }
    }

    private static void Show(DemoResult result, DemoSettings settings, string report)
    {
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, Output.SnakeCase));
            Console.Error.WriteLine($"Report: {new Uri(report)}");
            return;
        }

        DemoTable.Write(result, AnsiConsole.Console);
        Console.WriteLine($"Report: {new Uri(report)}");
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The system clears its temporary folder.
        }
    }
}
