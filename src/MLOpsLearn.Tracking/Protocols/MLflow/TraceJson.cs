using System.Globalization;
using System.Text.Json;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Traces as MLflow 3 writes them, and as MLflow 2 did.</summary>
internal static class TraceJson
{
    public static void WriteTrace(MLflowCall call, TraceRecord trace)
    {
        call.Answer.WriteStartObject("trace");
        call.Answer.WritePropertyName("trace_info");
        WriteInfo(call.Answer, trace);
        call.Answer.WriteEndObject();
    }

    public static void WriteOldInfo(MLflowCall call, TraceRecord trace)
    {
        call.Answer.WritePropertyName("trace_info");
        WriteOldInfo(call.Answer, trace);
    }

    /// <summary>"traces", unless there are none.</summary>
    public static void WriteList(MLflowCall call, IReadOnlyCollection<TraceRecord> traces, Action<Utf8JsonWriter, TraceRecord> write)
    {
        if (traces.Count == 0)
        {
            return;
        }

        call.Answer.WriteStartArray("traces");
        foreach (var trace in traces)
        {
            write(call.Answer, trace);
        }

        call.Answer.WriteEndArray();
    }

    public static void WriteInfo(Utf8JsonWriter json, TraceRecord trace)
    {
        json.WriteStartObject();
        json.WriteString("trace_id", trace.TraceId);
        json.WriteOptional("client_request_id", trace.ClientRequestId);
        json.WriteStartObject("trace_location");
        json.WriteString("type", "MLFLOW_EXPERIMENT");
        json.WriteStartObject("mlflow_experiment");
        json.WriteString("experiment_id", Text(trace.ExperimentId));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteOptional("request_preview", trace.RequestPreview);
        json.WriteOptional("response_preview", trace.ResponsePreview);
        json.WriteString("request_time", Moments.Of(trace.StartMs).ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        if (trace.DurationMs is { } duration)
        {
            json.WriteString("execution_duration", string.Create(CultureInfo.InvariantCulture, $"{duration / 1000m:0.000}s"));
        }

        json.WriteString("state", StateName(trace.State));
        WriteMap(json, "trace_metadata", trace.Metadata);
        WriteMap(json, "tags", trace.Tags);
        json.WriteEndObject();
    }

    public static void WriteOldInfo(Utf8JsonWriter json, TraceRecord trace)
    {
        json.WriteStartObject();
        json.WriteString("request_id", trace.TraceId);
        json.WriteString("experiment_id", Text(trace.ExperimentId));
        json.WriteNumber("timestamp_ms", trace.StartMs);
        json.WriteNumber("execution_time_ms", trace.DurationMs ?? 0);
        json.WriteString("status", trace.State == TraceState.Unspecified ? "TRACE_STATUS_UNSPECIFIED" : StateName(trace.State));
        json.WritePairs("request_metadata", trace.Metadata);
        json.WritePairs("tags", trace.Tags);
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyCollection<KeyValuePair<string, string>> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static string StateName(TraceState state) => state switch
    {
        TraceState.Ok => "OK",
        TraceState.Error => "ERROR",
        TraceState.InProgress => "IN_PROGRESS",
        _ => "STATE_UNSPECIFIED",
    };

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
