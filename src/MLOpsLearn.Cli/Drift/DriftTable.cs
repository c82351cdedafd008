using System.Globalization;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Statistics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison for people: a row a column, drifted ones first, and a line of verdict.</summary>
internal static class DriftTable
{
    private const int Bars = 10;
    private const int WidthForNumbers = 120;
    private const int MostQuietRows = 40;
    private const int LongestName = 40;
    private static readonly Style Alarm = new(Color.Red);

    public static void Write(DriftResult result, IAnsiConsole console)
    {
        foreach (var outcome in result.Outcomes)
        {
            if (result.Settings.Segment is { } segment)
            {
                console.Write(new Text($"{segment} = {outcome.Segment ?? "null"}\n", new Style(decoration: Decoration.Bold)));
            }

            if (outcome.Columns.Count > 0)
            {
                console.Write(Columns(outcome, console.Profile.Width >= WidthForNumbers, console));
            }
        }

        foreach (var finding in result.Findings)
        {
            console.Write(new Text($"{(finding.Breaks ? "Broken" : "Note")}: {finding.Message}.\n", finding.Breaks ? Alarm : Style.Plain));
        }

        console.Write(new Text($"{Verdict(result)}\n", new Style(result.Drifted ? Color.Red : Color.Green, decoration: Decoration.Bold)));
        console.Write(new Text($"Rule: {result.Rule}; {result.Tests} tests.\nMethods: {Methods(result)}.\n", new Style(decoration: Decoration.Dim)));
    }

    /// <summary>One sentence: how many columns of how many.</summary>
    public static string Verdict(DriftResult result)
    {
        var drifted = result.Outcomes.Sum(outcome => outcome.Columns.Count(column => column.Drifted));
        var all = result.Outcomes.Sum(outcome => outcome.Columns.Count);
        var without = result.Outcomes.Sum(outcome => outcome.Columns.Count(column => !column.IsJudged));
        var parts = new List<string> { $"{drifted} of {all} columns drifted" };
        if (result.Outcomes.Count > 1)
        {
            parts.Add($"in {result.Outcomes.Count(outcome => outcome.Drifted)} of {result.Outcomes.Count} segments");
        }

        if (without > 0)
        {
            parts.Add($"{without} without a verdict");
        }

        if (result.Findings.Count(finding => finding.Breaks) is > 0 and var broken)
        {
            parts.Add($"{broken} broken");
        }

        return $"{(result.Drifted ? "Drift" : "No drift")}: {string.Join(", ", parts)}.";
    }

    /// <summary>What decided, in one or two words.</summary>
    public static string Word(ComparedColumn column) =>
        column.Drifted ? column.Evidently is null && column.Drift.Values.Drifted != true ? "missing" : "drift"
        : column.IsJudged ? "no"
        : (column.Evidently is { } profile ? profile.Result.Undefined : column.Drift.Undefined) is { } reason ? reason.WireName() : "–";

    private static Table Columns(DriftOutcome outcome, bool wide, IAnsiConsole console)
    {
        var profile = outcome.Evidently is not null;
        string[] numbers = !wide ? [] : profile ? ["Score", "Limit", "Method"] : ["p", "Effect", "PSI"];
        var table = Output.Table(["Column", "Drift", .. numbers, "Reference", "Current", "What changed"]);
        table.Columns[^3].NoWrap();
        table.Columns[^2].NoWrap();
        var rows = outcome.Columns.OrderByDescending(Changes.Strength).ToList();
        var shown = rows.Take(rows.Count(column => column.Drifted) + MostQuietRows).ToList();
        foreach (var column in shown)
        {
            var sparks = column.Histogram.Sparks(Bars);
            string[] cells = !wide ? [] : column.Evidently is { } result
                ? [P(result.Score), P(result.Threshold), result.Result.Method]
                : [P(column.Deciding.AdjustedPValue), Effect(column.Deciding.Effect.Statistic), Effect(column.Drift.Psi)];
            var style = column.Drifted ? Alarm : Style.Plain;
            string[] row = [Short(column.Drift.Name, console), Word(column), .. cells, sparks.Reference, sparks.Current, Changes.Of(column)];
            table.AddRow(row.Select((cell, i) => new Text(cell, i < 2 ? style : Style.Plain)).ToArray<IRenderable>());
        }

        if (shown.Count < rows.Count)
        {
            table.Caption($"and {rows.Count - shown.Count} more without drift (all of them with --json or --html)");
        }

        return table;
    }

    private static string Methods(DriftResult result) => string.Join(", ", result.Outcomes.SelectMany(outcome => outcome.Columns)
        .SelectMany(column => column.Evidently is { } profile
            ? (string[])[profile.Result.Method]
            : column.Drift.Missingness is { } missing ? [column.Drift.Method, missing.Test.Method] : [column.Drift.Method])
        .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    // A narrow terminal needs the width for what changed.
    private static string Short(string name, IAnsiConsole console)
    {
        var longest = console.Profile.Width >= WidthForNumbers ? LongestName : LongestName / 2;
        return name.Length > longest ? name[..(longest - 1)] + "…" : name;
    }

    private static string P(double? value) => value is < 0.0001 and >= 0 ? "<0.0001" : value?.ToString("0.####", CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Effect(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? string.Empty;
}
