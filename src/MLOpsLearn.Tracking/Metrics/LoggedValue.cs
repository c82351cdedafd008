using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A value on its way to or from the store, whichever protocol brought it.</summary>
internal readonly record struct LoggedValue(string Key, double Value, long Step, long TimeMs) : IComparable<LoggedValue>
{
    // The moments that a Timestamp can hold; other protocols know no such limit.
    private const long FirstMs = -62135596800000;
    private const long LastMs = 253402300799999;

    /// <summary>What is stored as the number: NaN has a mark of its own.</summary>
    public double StoredValue => double.IsNaN(Value) ? 0 : Value;

    public static LoggedValue Of(Metric metric, DateTimeOffset now) =>
        new(metric.Key, metric.Value, metric.Step, (metric.Time?.ToDateTimeOffset() ?? now).ToUnixTimeMilliseconds());

    public static Metric ToProto(string key, double value, bool isNan, long step, long timeMs) => new()
    {
        Key = key,
        Value = isNan ? double.NaN : value,
        Step = step,
        Time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(timeMs, FirstMs, LastMs)).ToTimestamp(),
    };

    /// <summary>By step, then time, then value: the last of these is a metric's latest.</summary>
    public int CompareTo(LoggedValue other)
    {
        var order = Step.CompareTo(other.Step);
        order = order != 0 ? order : TimeMs.CompareTo(other.TimeMs);
        return order != 0 ? order : StoredValue.CompareTo(other.StoredValue);
    }
}
