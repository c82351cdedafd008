using System.Diagnostics;
using MLOpsLearn.Statistics;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>What a report says of the largest bad input, and how long it takes: 10 million categories, each of its own.</summary>
internal static class Extremes
{
    public static int Run()
    {
        const int count = 10_000_000;
        string[] unique = [.. Enumerable.Range(0, count).Select(i => $"user-{(long)i * 7919 % count}")];
        string[] few = [.. Enumerable.Range(0, 100_000).Select(i => $"k{i % 20}")];
        Report("reference and current unique", unique, unique);
        Report("only current unique", few, unique);
        return 0;
    }

    private static void Report(string name, string[] reference, string[] current)
    {
        var start = Stopwatch.GetTimestamp();
        var column = DriftReport.Compare([DriftColumn.Categorical("id", reference)], [DriftColumn.Categorical("id", current)]).Columns[0];
        Console.WriteLine(FormattableString.Invariant(
            $"{name}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {column.Method}, undefined {column.Undefined?.WireName() ?? "-"}, drifted {column.Drifted}, new share {column.NewCategoryShare:0.00}, {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB at most"));
    }
}
