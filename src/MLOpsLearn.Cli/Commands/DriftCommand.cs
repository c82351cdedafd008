using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Cli.Drift;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops drift</c>: compares two files without a server. The exit code is the verdict, so a pipeline can use it.</summary>
internal static class DriftCommand
{
    private const string Default = "default";
    private const string EvidentlyCompatible = "evidently-compatible";
    private const double DefaultAlpha = 0.05;

    public static Command Create()
    {
        var reference = new Argument<string>("reference") { Description = "Parquet or csv file to compare with." };
        var current = new Argument<string>("current") { Description = "Parquet or csv file to judge." };
        var json = new Option<bool>("--json") { Description = "Print JSON (its fields: docs/drift.md)." };
        var html = new Option<string?>("--html") { Description = "Also write a report to this file.", HelpName = "FILE" };
        var profile = new Option<string>("--profile") { Description = "Rule of the verdict.", DefaultValueFactory = _ => Default }.AcceptOnlyFromAmong(Default, EvidentlyCompatible);
        var columns = new Option<string[]>("--columns") { Description = "Columns to compare, by comma; all when absent.", HelpName = "A,B", DefaultValueFactory = _ => [] };
        var kinds = new Option<string[]>("--kind")
        {
            Description = "How to take a column, where the guess is wrong: numeric, categorical, text or datetime.",
            HelpName = "COLUMN=KIND",

            DefaultValueFactory = _ => [],
        };
        var alpha = new Option<double?>("--alpha") { Description = $"Largest adjusted p-value that counts as drift; {DefaultAlpha.ToString(CultureInfo.InvariantCulture)} when absent.", HelpName = "P" };
        var segment = new Option<string?>("--segment") { Description = "Compare each value of this column apart (up to 100).", HelpName = "COLUMN" };
        var command = new Verb(
            "drift",
            "Compares two files column by column. Exit code 0: no drift, 1: drift, or the columns broke, 2: bad input.",
            "mlops drift last-month.parquet this-month.parquet",
            "mlops drift train.csv today.csv --html drift.html",
            "mlops drift train.parquet today.parquet --columns age,income --alpha 0.01 --json",
            "mlops drift train.csv today.csv --kind zip=categorical --kind comment=text --segment country",
            "mlops drift train.parquet today.parquet --profile evidently-compatible")
        { reference, current, json, html, profile, columns, kinds, alpha, segment };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = new DriftSettings
            {
                Reference = parsed.GetValue(reference)!,
                Current = parsed.GetValue(current)!,
                Columns = parsed.GetValue(columns)!,
                Kinds = KindOption.Parse(parsed.GetValue(kinds)!),
                Alpha = parsed.GetValue(alpha) ?? DefaultAlpha,
                Segment = parsed.GetValue(segment),
                EvidentlyCompatible = parsed.GetValue(profile) == EvidentlyCompatible,
            };
            if (!(settings.Alpha > 0 && settings.Alpha < 1))
            {
                throw new CommandException("--alpha lies above 0 and below 1.");
            }

            if (settings.EvidentlyCompatible && parsed.GetValue(alpha) is not null)
            {
                throw new CommandException($"--alpha has no part in --profile {EvidentlyCompatible}, whose limits are fixed.");
            }

            var result = Compare(settings, cancellationToken);
            if (parsed.GetValue(html) is { } file)
            {
                await WriteAsync(file, DriftHtml.Of(result), cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                Console.WriteLine(DriftJson.Text(result));
            }
            else
            {
                DriftTable.Write(result, Output.Console);
                if (parsed.GetValue(html) is { } page)
                {
                    Console.WriteLine($"Page: {page}");
                }
            }

            return result.Drifted ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    // Any other failure must not end with the code that means drift.
    private static DriftResult Compare(DriftSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return DriftProgress.Run(progress => new DriftRunner(settings, progress, cancellationToken).Run());
        }
        catch (Exception exception) when (exception is not CommandException and not OperationCanceledException)
        {
            throw new CommandException($"The comparison failed: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
        }
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
}
