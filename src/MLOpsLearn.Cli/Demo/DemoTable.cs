using System.Globalization;
using MLOpsLearn.Cli.Commands;
using Spectre.Console;

namespace MLOpsLearn.Cli.Demo;

/// <summary>The end of the demo for people: one row a month, and a line of verdict.</summary>
internal static class DemoTable
{
    public static void Write(DemoResult result, IAnsiConsole console)
    {
        var table = Output.Table("Month", "Rows", "Drift", "RMSE frozen", "RMSE live", "Skill frozen", "Skill live", "Version");
        foreach (var month in result.Months)
        {
            table.Row(
                month.Month,
                month.Rows.ToString("N0", CultureInfo.InvariantCulture),
                month.Drift ? string.Join(", ", month.DriftedFeatures) : "no",
                Number(month.RmseFrozen),
                Number(month.RmseLive),
                Number(month.SkillFrozen),
                Number(month.SkillLive),
                month.Version.ToString(CultureInfo.InvariantCulture));
        }

        // A pipe has no width of its own; the table needs this much.
        console.Profile.Width = Math.Max(console.Profile.Width, 110);
        console.Write(table);
        foreach (var (month, happened) in result.Months.SelectMany(month => month.Events.Select(happened => (month, happened))))
        {
            console.WriteLine($"{month.Month}  {happened.Kind,-8}  {happened.Reason}");
        }

        console.WriteLine(Verdict(result));
    }

    public static string Verdict(DemoResult result)
    {
        if (!result.Closed)
        {
            return "The loop did not close: no retraining caused by an alert was promoted and served.";
        }

        var gain = result.RmseAfterFirstRetraining is { Frozen: > 0 and var frozen, Live: { } live }
            ? string.Create(CultureInfo.InvariantCulture, $" Since the first retraining the live model's error is {live:0.00} minutes, the frozen one's {frozen:0.00}: {1 - (live / frozen):P1} lower.")
            : "";
        return $"The loop closed.{gain}";
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
