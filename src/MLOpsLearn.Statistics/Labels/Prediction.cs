namespace MLOpsLearn.Statistics.Labels;

/// <summary>A prediction as the log holds it. Times are in one unit of the caller's choice, for example milliseconds.</summary>
/// <param name="Id">Opaque key, ordinal.</param>
/// <param name="Time">Event time.</param>
/// <param name="Arrived">When the log received it.</param>
/// <param name="Value">What was predicted.</param>
/// <param name="Score">Score behind it; null without one.</param>
/// <param name="ModelVersion">Version that answered; null when unknown.</param>
/// <param name="Segment">Segment it belongs to, for results by segment; null without one.</param>
public sealed record Prediction(
    string Id, long Time, long Arrived, string Value, double? Score = null, string? ModelVersion = null, string? Segment = null);
