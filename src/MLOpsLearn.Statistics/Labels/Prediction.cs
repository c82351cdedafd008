namespace MLOpsLearn.Statistics.Labels;

/// <summary>A prediction as the log holds it. Times are in one unit of the caller's choice, for example milliseconds.</summary>
/// <param name="Id">Opaque key, ordinal.</param>
/// <param name="Time">Event time.</param>
/// <param name="Arrived">When the log received it.</param>
/// <param name="Value">What was predicted.</param>
public sealed record Prediction(string Id, long Time, long Arrived, string Value);
