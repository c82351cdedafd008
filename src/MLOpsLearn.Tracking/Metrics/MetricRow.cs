namespace MLOpsLearn.Tracking.Metrics;

/// <summary>Values of one run, on their way to the store.</summary>
internal readonly record struct RunValues(long RunKey, IReadOnlyList<LoggedValue> Values);

/// <summary>A metric of a run.</summary>
internal readonly record struct HistoryKey(long RunKey, long KeyId) : IComparable<HistoryKey>
{
    public int CompareTo(HistoryKey other) => RunKey != other.RunKey ? RunKey.CompareTo(other.RunKey) : KeyId.CompareTo(other.KeyId);
}

/// <summary>A value as it is stored.</summary>
internal readonly record struct MetricRow(HistoryKey History, LoggedValue Logged) : IComparable<MetricRow>
{
    public int CompareTo(MetricRow other) => History.CompareTo(other.History) is var order and not 0 ? order : Logged.CompareTo(other.Logged);
}
