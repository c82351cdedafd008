using Google.Protobuf.WellKnownTypes;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Milliseconds since 1970, as they are stored, and the contract's moments.</summary>
internal static class Moments
{
    // The moments that a Timestamp can hold; MLflow's clients may log any number.
    private const long FirstMs = -62135596800000;
    private const long LastMs = 253402300799999;

    public const string Rule = "must be a moment from year 1 to 9999";

    public static Timestamp Of(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, FirstMs, LastMs)).ToTimestamp();

    /// <summary>Whether a moment of a request is one.</summary>
    public static bool IsValid(Timestamp? time) => time is null || (time.Seconds is >= -62135596800 and <= 253402300799 && time.Nanos is >= 0 and < 1_000_000_000);
}
