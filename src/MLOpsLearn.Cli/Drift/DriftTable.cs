using System.Globalization;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Statistics;
using Spectre.Console;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison for people: a row a column, drifted ones first, and a line of verdict.</summary>
internal static class DriftTable
{
    private const int Bars = 12;
    private const int RedirectedWidth = 180;

    public static void Write(IReadOnlyList<DriftOutcome> outcomes, IReadOnlyList<string> findings, IAnsiConsole console)
    {
        // A file or a pipe has no width of its own; the terminal's default would cut every name.
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = RedirectedWidth;
        }

        foreach (var outcome in outcomes)
        {
            if (outcome.Segment is { } segment)
            {
                Console.WriteLine($"Segment {segment}");
            }

            console.Write(outcome.Evidently is null ? Columns(outcome) : Profile(outcome));
            Console.WriteLine(Verdict(outcome));
        }

        foreach (var finding in findings)
        {
            Console.WriteLine($"Note: {finding}.");
        }
    }

    private static Table Columns(DriftOutcome outcome)
    {
        var table = Output.Table("Column", "Drift", "p", "Effect", "PSI", "Missing", "Reference", "Current", "New");
        foreach (var i in Enumerable.Range(0, outcome.Columns.Count).OrderByDescending(i => outcome.Report.Columns[i].Drifted))
        {
            var column = outcome.Report.Columns[i];
            var histogram = Histogram.Of(outcome.Columns[i].Reference, outcome.Columns[i].Current, Bars);
            table.Row(
                column.Name,
                column.Values.Drifted == true ? "yes" : column.Missingness?.Drifted == true ? "missing values" : column.Undefined?.WireName() ?? "no",
                Number(column.Values.AdjustedPValue, "0.0000"),
                Number(column.Values.Effect.Statistic, "0.000"),
                Number(column.Psi, "0.000"),
                column.Reference.Missing + column.Current.Missing == 0
                    ? string.Empty
                    : string.Create(CultureInfo.InvariantCulture, $"{column.Reference.MissingShare:P1} → {column.Current.MissingShare:P1}"),
                Histogram.Spark(histogram.Reference, histogram.Largest),
                Histogram.Spark(histogram.Current, histogram.Largest),
                string.Join(", ", column.NewCategories.Take(3).Select(category => category.Key.ToString())) + (column.NewCategories.Count > 3 ? ", …" : string.Empty));
        }

        return table;
    }

    private static Table Profile(DriftOutcome outcome)
    {
        var table = Output.Table("Column", "Drift", "Method", "Score", "Threshold");
        foreach (var column in outcome.Evidently!.Columns.OrderByDescending(column => column.Drifted == true))
        {
            table.Row(
                column.Name,
                column.Drifted is { } drifted ? (drifted ? "yes" : "no") : column.Result.Undefined?.WireName() ?? string.Empty,
                column.Result.Method,
                Number(column.Score, "0.0000"),
                Number(column.Threshold, "0.##"));
        }

        return table;
    }

    private static string Verdict(DriftOutcome outcome)
    {
        if (outcome.Evidently is { } profile)
        {
            return FormattableString.Invariant(
                $"{(profile.Drifted ? "Drift" : "No drift")}: {profile.Columns.Count(column => column.Drifted == true)} of {profile.Columns.Count} columns (evidently-compatible(0.7)).");
        }

        var drifted = outcome.Report.Columns.Count(column => column.Drifted);
        return $"{(drifted > 0 ? "Drift" : "No drift")}: {drifted} of {outcome.Report.Columns.Count} columns ({outcome.Report.Rule}).";
    }

    private static string Number(double? value, string format) =>
        value < 0.0001 && format == "0.0000" ? "<0.0001" : value?.ToString(format, CultureInfo.InvariantCulture) ?? string.Empty;
}
