using System.Data.Common;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Tracking.Runs;
using V1 = MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Traces;

/// <summary>A trace as it is written and read, checked already.</summary>
internal sealed record TraceRecord(
    string TraceId, long ExperimentId, long StartMs, long? DurationMs, TraceState State, string? ClientRequestId, string? RequestPreview, string? ResponsePreview)
{
    // Ten thousand years, which is what a Duration can hold.
    private const long LongestMs = 315_576_000_000_000;

    public const string IdRule = "must have 1 to 100 letters, digits, '-' and '_'";

    /// <summary>The columns that <see cref="Read"/> takes, of the table alias t.</summary>
    public const string Columns = "t.trace_id, t.experiment_id, t.start_ms, t.duration_ms, t.state, t.client_request_id, t.request_preview, t.response_preview";

    public List<KeyValuePair<string, string>> Tags { get; } = [];

    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    /// <summary>Whether a client may call its trace so: the id becomes part of a path.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= 100 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public V1.Trace ToProto()
    {
        var view = new V1.Trace
        {
            TraceId = TraceId,
            ExperimentId = ExperimentId,
            StartTime = Moments.Of(StartMs),
            Duration = DurationMs is { } duration ? TimeSpan.FromMilliseconds(Math.Clamp(duration, -LongestMs, LongestMs)).ToDuration() : null,
            State = (V1.TraceState)State,
            ClientRequestId = ClientRequestId ?? "",
            RequestPreview = RequestPreview ?? "",
            ResponsePreview = ResponsePreview ?? "",
        };
        foreach (var (key, value) in Metadata)
        {
            view.Metadata.Add(key, value);
        }

        foreach (var (key, value) in Tags)
        {
            view.Tags.Add(key, value);
        }

        return view;
    }

    public static TraceRecord Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : row.GetInt64(3), (TraceState)row.GetInt32(4),
        row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7));
}
