using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>What was logged to a run.</summary>
internal sealed class RunData
{
    public List<LoggedValue> Metrics { get; } = [];

    public List<KeyValuePair<string, string>> Params { get; } = [];

    public List<KeyValuePair<string, string>> Tags { get; } = [];

    public List<UsedDataset> Datasets { get; } = [];

    public List<UsedModel> Models { get; } = [];
}

/// <summary>A dataset that a run used; absent parts are null.</summary>
internal readonly record struct UsedDataset(
    string Name, string Digest, string SourceType, string Source, string Schema, string Profile, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>What is known of its content when it was told of by LogBatch of the native contract.</summary>
    public DatasetContent? Content { get; init; }
}

/// <summary>The content of a dataset: its digest, and how many rows it has.</summary>
internal sealed record DatasetContent(string Sha256, long Rows);

/// <summary>A logged model that a run took in or gave out.</summary>
internal readonly record struct UsedModel(string ModelId, bool IsOutput, long Step);
