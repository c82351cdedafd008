using MLOpsLearn.Cli.Drift;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>Comparisons as the command makes them, without its output.</summary>
internal static class Comparing
{
    /// <summary>3,000 rows: a row number, a number, a category.</summary>
    public const string Numbers = "SELECT i AS id, (i * 7919 % 1000) / 10.0 AS x, chr(CAST(97 + i % 3 AS INT)) AS k FROM range(3000) t(i)";

    public static DriftResult Compare(string reference, string current, Func<DriftSettings, DriftSettings>? change = null)
    {
        var settings = new DriftSettings { Reference = reference, Current = current };
        return new DriftRunner(change?.Invoke(settings) ?? settings, static _ => { }, TestContext.Current.CancellationToken).Run();
    }

    /// <summary>The line that a refused comparison ends with.</summary>
    public static string Refused(string reference, string current, Func<DriftSettings, DriftSettings>? change = null)
    {
        var exception = Assert.Throws<CommandException>(() => Compare(reference, current, change));
        Assert.Equal(ExitCodes.BadInput, exception.ExitCode);
        Assert.DoesNotContain('\n', exception.Message);
        return exception.Message;
    }

    public static ComparedColumn Column(this DriftResult result, string name, string? segment = null) =>
        result.Outcomes.Single(outcome => outcome.Segment == segment).Columns.Single(column => column.Drift.Name == name);

    public static DriftFinding Finding(this DriftResult result, string kind, string? column = null) =>
        result.Findings.Single(finding => finding.Kind == kind && (column is null || finding.Column == column));

    public static DriftSettings With(this DriftSettings settings, string column, DriftKind kind) => settings with
    {
        Kinds = new Dictionary<string, DriftKind>(settings.Kinds) { [column] = kind },
    };
}
