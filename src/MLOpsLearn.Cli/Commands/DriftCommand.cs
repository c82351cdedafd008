using System.CommandLine;
using MLOpsLearn.Cli.Drift;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops drift</c>: compares two files without a server. The exit code is the verdict, so a pipeline can use it.</summary>
internal static class DriftCommand
{
    private const string EvidentlyCompatible = "evidently-compatible";

    public static Command Create()
    {
        var reference = new Argument<string>("reference") { Description = "Parquet or csv file to compare with." };
        var current = new Argument<string>("current") { Description = "Parquet or csv file to judge." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var html = new Option<string?>("--html") { Description = "Also write a report to this file." };
        var profile = new Option<string>("--profile") { Description = "Rule of the verdict.", DefaultValueFactory = _ => "default" }.AcceptOnlyFromAmong("default", EvidentlyCompatible);
        var columns = Names("--columns", "Columns to compare, by comma; all when absent.");
        var categorical = Names("--categorical", "Columns to take as categories, by comma.");
        var numeric = Names("--numeric", "Columns to take as numbers, by comma.");
        var alpha = new Option<double>("--alpha") { Description = "Largest adjusted p-value that counts as drift.", DefaultValueFactory = _ => 0.05 };
        var segment = new Option<string?>("--segment") { Description = "Compare each value of this column apart." };
        var command = new Command("drift", """
            Compares two files column by column. Exit code 0: no drift, 1: drift, 2: bad input.

            Example:
              mlops drift last-month.parquet this-month.parquet --html drift.html
            """) { reference, current, json, html, profile, columns, categorical, numeric, alpha, segment };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new DriftSettings
            {
                Reference = parsed.GetValue(reference)!,
                Current = parsed.GetValue(current)!,
                Columns = parsed.GetValue(columns)!,
                Categorical = parsed.GetValue(categorical)!,
                Numeric = parsed.GetValue(numeric)!,
                Alpha = parsed.GetValue(alpha),
                Segment = parsed.GetValue(segment),
                EvidentlyCompatible = parsed.GetValue(profile) == EvidentlyCompatible,
            };
            if (!(settings.Alpha > 0 && settings.Alpha < 1))
            {
                throw new CommandException("--alpha lies above 0 and below 1.");
            }

            var (outcomes, findings, referenceRows, currentRows) = DriftRunner.Run(settings, cancellationToken);
            if (parsed.GetValue(html) is { } file)
            {
                await WriteAsync(file, DriftHtml.Of(settings, outcomes, findings), cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(DriftJson.Of(settings, outcomes, findings, referenceRows, currentRows).ToJsonString());
            }
            else
            {
                DriftTable.Write(outcomes, findings, AnsiConsole.Console);
            }

            return outcomes.Any(outcome => outcome.Drifted) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static async Task WriteAsync(string file, string page, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllTextAsync(file, page, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"'{file}' can't be written: {exception.Message}");
        }
    }

    private static Option<string[]> Names(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        DefaultValueFactory = _ => [],
    };
}
