using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A value on its way to or from the store, whichever protocol brought it.</summary>
internal readonly record struct LoggedValue(string Key, double Value, long Step, long TimeMs) : IComparable<LoggedValue>
{
    /// <summary>What is stored as the number: NaN has a mark of its own.</summary>
    public double StoredValue => double.IsNaN(Value) ? 0 : Value;

    public static LoggedValue Of(Metric metric, DateTimeOffset now) =>
        new(metric.Key, metric.Value, metric.Step, (metric.Time?.ToDateTimeOffset() ?? now).ToUnixTimeMilliseconds());

    public Metric ToProto() => new() { Key = Key, Value = Value, Step = Step, Time = Moments.Of(TimeMs) };

    /// <summary>By step, then time, then value: the last of these is a metric's latest.</summary>
    public int CompareTo(LoggedValue other)
    {
        var order = Step.CompareTo(other.Step);
        order = order != 0 ? order : TimeMs.CompareTo(other.TimeMs);
        return order != 0 ? order : StoredValue.CompareTo(other.StoredValue);
    }
}
