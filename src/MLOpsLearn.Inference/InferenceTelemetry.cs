using System.Diagnostics.Metrics;

namespace MLOpsLearn.Inference;

/// <summary>What the module measures.</summary>
internal static class InferenceTelemetry
{
    private static readonly Meter Meter = new("MLOpsLearn.Inference");

    private static readonly Histogram<double> PredictDuration =
        Meter.CreateHistogram<double>("mlopslearn.inference.duration", "s", "Time from a request's columns to its predictions.");

    private static readonly Counter<long> PredictedRows =
        Meter.CreateCounter<long>("mlopslearn.inference.rows", "{row}", "Rows that were answered.");

    private static readonly Counter<long> UnseenCategories =
        Meter.CreateCounter<long>("mlopslearn.inference.unseen_categories", "{value}", "Category values that the model was not trained with.");

    public static readonly Counter<long> PublishedRows =
        Meter.CreateCounter<long>("mlopslearn.inference.capture.published", "{row}", "Served rows that the bus took.");

    public static readonly Counter<long> LostRows =
        Meter.CreateCounter<long>("mlopslearn.inference.capture.lost", "{row}", "Served rows that were lost because the buffer was full or the bus did not take them before shutdown.");

    public static readonly Counter<long> Deployments =
        Meter.CreateCounter<long>("mlopslearn.inference.deployments", "{deployment}", "Versions that came into service.");

    /// <summary>The one tag of low cardinality that all instruments have.</summary>
    public static KeyValuePair<string, object?> Endpoint(string name) => new("endpoint", name);

    public static void Predicted(string endpoint, int rows, int unseenValues, TimeSpan elapsed)
    {
        var tag = Endpoint(endpoint);
        PredictDuration.Record(elapsed.TotalSeconds, tag);
        PredictedRows.Add(rows, tag);
        if (unseenValues > 0)
        {
            UnseenCategories.Add(unseenValues, tag);
        }
    }
}
