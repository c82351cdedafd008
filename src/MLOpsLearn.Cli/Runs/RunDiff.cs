using System.Globalization;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Cli.Runs;

/// <summary>In what runs differ: metrics by the size of the difference, then params, tags and datasets by name.</summary>
internal static class RunDiff
{
    // These differ by what they are.
    private static readonly string[] IdentityTags = ["mlopslearn.client_run", "mlopslearn.job_id", "mlflow.runName", "mlflow.log-model.history"];

    public static IReadOnlyList<Difference> Of(IReadOnlyList<Run> runs) =>
    [
        .. Metrics(runs).OrderByDescending(difference => difference.Size).ThenBy(difference => difference.Name, StringComparer.Ordinal),
        .. Texts("param", runs, run => run.Params),
        .. Texts("tag", runs, run => run.Tags.Where(tag => !IdentityTags.Contains(tag.Key))),
        .. Texts("dataset", runs, run => run.Datasets.GroupBy(NameOf).Select(group => KeyValuePair.Create(group.Key, string.Join(", ", group.Select(dataset => dataset.Digest).Order(StringComparer.Ordinal))))),
    ];

    /// <summary>A number as it is shown: enough digits to tell it from its neighbours.</summary>
    public static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static IEnumerable<Difference> Metrics(IReadOnlyList<Run> runs)
    {
        var maps = runs.Select(run => run.Metrics.ToDictionary(metric => metric.Key, metric => metric.Value, StringComparer.Ordinal)).ToList();
        foreach (var key in maps.SelectMany(map => map.Keys).Distinct(StringComparer.Ordinal))
        {
            var values = maps.Select(map => map.TryGetValue(key, out var value) ? value : (double?)null).ToList();
            if (values.Distinct().Count() > 1)
            {
                yield return new Difference("metric", key, [.. values.Select(value => value is { } number ? Text(number) : null)], SizeOf(values));
            }
        }
    }

    private static double SizeOf(List<double?> values)
    {
        if (values.Exists(value => value is not { } number || !double.IsFinite(number)))
        {
            return double.PositiveInfinity;
        }

        var scale = values.Max(value => Math.Abs(value!.Value));
        // Divided first: the range itself may be beyond what a double holds.
        return (values.Max()!.Value / scale) - (values.Min()!.Value / scale);
    }

    private static IEnumerable<Difference> Texts(string kind, IReadOnlyList<Run> runs, Func<Run, IEnumerable<KeyValuePair<string, string>>> read)
    {
        var maps = runs.Select(run => read(run).ToDictionary(StringComparer.Ordinal)).ToList();
        return
            from key in maps.SelectMany(map => map.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
            let values = maps.Select(map => map.GetValueOrDefault(key)).ToList()
            where values.Distinct(StringComparer.Ordinal).Count() > 1
            select new Difference(kind, key, values, null);
    }

    private static string NameOf(Dataset dataset) => dataset.Context.Length > 0 ? $"{dataset.Name} ({dataset.Context})" : dataset.Name;
}
