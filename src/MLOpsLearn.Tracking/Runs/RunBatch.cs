using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>What one call logs to a run, checked already: all of it is stored or nothing.</summary>
internal sealed class RunBatch
{
    public static readonly IReadOnlyList<KeyValuePair<string, string>> Nothing = [];

    public IReadOnlyList<LoggedValue> Metrics { get; init; } = [];

    /// <summary>Each key once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Params { get; init; } = Nothing;

    /// <summary>Each key once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = Nothing;

    /// <summary>Datasets of the native contract, known by the digest of their content.</summary>
    public IReadOnlyList<Contracts.Tracking.V1.Dataset> Datasets { get; init; } = [];

    /// <summary>Values of a logged model.</summary>
    public IReadOnlyList<LoggedModels.ModelMetric> ModelMetrics { get; init; } = [];

    /// <summary>Whether it is what is logged most.</summary>
    public bool IsMetricsOnly => Metrics.Count > 0 && Params.Count + Tags.Count + Datasets.Count + ModelMetrics.Count == 0;
}
