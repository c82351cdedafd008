using System.Globalization;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Spooling;

/// <summary>Fills batches up to what one call takes, and takes them apart when one is refused.</summary>
internal static class LogBatches
{
    private const int MostMetrics = 1000;
    private const int MostTexts = 100;

    // A server takes messages of 4 MiB.
    private const int MostTextBytes = 1024 * 1024;

    public static bool IsEmpty(LogBatchRequest batch) => batch.Metrics.Count == 0 && batch.Params.Count == 0 && batch.Tags.Count == 0;

    /// <summary>Whether the batch has room; a metric that came is in it then.</summary>
    public static bool TryAdd(LogBatchRequest batch, Metric metric)
    {
        if (batch.Metrics.Count == MostMetrics)
        {
            return false;
        }

        batch.Metrics.Add(metric);
        return true;
    }

    /// <summary>As the other, for a param or a tag. One that is there with another value needs a batch of its own, so that the order holds.</summary>
    public static bool TryAdd(LogBatchRequest batch, bool isParam, string key, string value)
    {
        var texts = isParam ? batch.Params : batch.Tags;
        if (texts.TryGetValue(key, out var known))
        {
            return known == value;
        }

        if (texts.Count == MostTexts || TextBytes(batch) + ((key.Length + value.Length) * 3) > MostTextBytes)
        {
            return false;
        }

        texts.Add(key, value);
        return true;
    }

    /// <summary>The same in two batches; null for a batch of one value.</summary>
    public static (LogBatchRequest First, LogBatchRequest Second)? Halves(LogBatchRequest batch)
    {
        var count = batch.Metrics.Count + batch.Params.Count + batch.Tags.Count;
        if (count < 2)
        {
            return null;
        }

        var (first, second, taken) = (new LogBatchRequest(), new LogBatchRequest(), 0);
        LogBatchRequest Next() => taken++ < count / 2 ? first : second;
        foreach (var (key, value) in batch.Params)
        {
            Next().Params.Add(key, value);
        }

        foreach (var (key, value) in batch.Tags)
        {
            Next().Tags.Add(key, value);
        }

        foreach (var metric in batch.Metrics)
        {
            Next().Metrics.Add(metric);
        }

        return (first, second);
    }

    public static string Describe(LogBatchRequest batch) =>
        batch.Params.Keys.FirstOrDefault() is { } param ? $"param '{param}'"
        : batch.Tags.Keys.FirstOrDefault() is { } tag ? $"tag '{tag}'"
        : string.Create(CultureInfo.InvariantCulture, $"metric '{batch.Metrics[0].Key}' at step {batch.Metrics[0].Step}");

    private static int TextBytes(LogBatchRequest batch) =>
        batch.Params.Sum(pair => (pair.Key.Length + pair.Value.Length) * 3) + batch.Tags.Sum(pair => (pair.Key.Length + pair.Value.Length) * 3);
}
