using System.Globalization;
using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Reads what a client tells of a trace.</summary>
internal static partial class TraceFields
{
    private const int LongestPreview = 10_000;
    private const int MostTexts = 1000;
    private static readonly string[] States = ["OK", "ERROR", "IN_PROGRESS"];

    /// <summary>The trace of "trace_info" of MLflow 3.</summary>
    public static TraceRecord Read(MLflowFields info)
    {
        var id = info.RequiredString("trace_id");
        if (!TraceRecord.IsId(id))
        {
            throw MLflowException.InvalidValue(info.PathOf("trace_id"), Checks.Json(id), $"It {TraceRecord.IdRule}.");
        }

        var location = info.Object("trace_location") ?? throw info.Missing("trace_location");
        var experiment = location.Object("mlflow_experiment") ?? throw location.Missing("mlflow_experiment");
        var trace = new TraceRecord(
            id,
            Checks.ExperimentId(experiment.RequiredString("experiment_id")),
            Moment(info, "request_time"),
            Duration(info, "execution_duration"),
            State(info, "state"),
            Text(info, "client_request_id"),
            Text(info, "request_preview"),
            Text(info, "response_preview"));
        trace.Tags.AddRange(Map(info, "tags"));
        trace.Metadata.AddRange(Map(info, "trace_metadata"));
        return trace;
    }

    public static TraceState State(MLflowFields fields, string name) => fields.Enum(name, States, unknownIsAbsent: true) switch
    {
        "OK" => TraceState.Ok,
        "ERROR" => TraceState.Error,
        "IN_PROGRESS" => TraceState.InProgress,
        _ => TraceState.Unspecified,
    };

    /// <summary>A moment from 1970 on.</summary>
    public static long Milliseconds(MLflowFields fields, string name)
    {
        var number = fields.RequiredLong(name);
        return number >= 0 ? number : throw MLflowException.InvalidValue(fields.PathOf(name), number.ToString(CultureInfo.InvariantCulture), "It must not be negative.");
    }

    /// <summary>A list of keys and values.</summary>
    public static List<KeyValuePair<string, string>> Pairs(MLflowFields fields, string name) => Checked(fields, name, ExperimentCalls.Pairs(fields, name));

    private static List<KeyValuePair<string, string>> Map(MLflowFields fields, string name) => Checked(fields, name, fields.Map(name));

    private static List<KeyValuePair<string, string>> Checked(MLflowFields fields, string name, List<KeyValuePair<string, string>> pairs)
    {
        if (pairs.Count > MostTexts)
        {
            throw MLflowException.Invalid($"'{fields.PathOf(name)}' takes at most {MostTexts} entries");
        }

        for (var i = 0; i < pairs.Count; i++)
        {
            Checks.Length("key", pairs[i].Key, Checks.LongestKey);
            pairs[i] = new(pairs[i].Key, Checks.Tag(pairs[i].Value));
        }

        return pairs;
    }

    private static string? Text(MLflowFields fields, string name) =>
        fields.String(name) is { Length: > 0 } text ? text.Length <= LongestPreview ? text : text[..(char.IsHighSurrogate(text[LongestPreview - 1]) ? LongestPreview - 1 : LongestPreview)] : null;

    private static long Moment(MLflowFields fields, string name)
    {
        var text = fields.RequiredString(name);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment.ToUnixTimeMilliseconds()
            : throw MLflowException.InvalidValue(fields.PathOf(name), Checks.Json(text), "It must be a moment such as 2024-01-01T00:00:00.000Z.");
    }

    private static long? Duration(MLflowFields fields, string name)
    {
        if (fields.String(name) is not { Length: > 0 } text)
        {
            return null;
        }

        return DurationForm().IsMatch(text)
            ? (long)(decimal.Parse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 1000)
            : throw MLflowException.InvalidValue(fields.PathOf(name), Checks.Json(text), "It must be seconds such as 1.500s.");
    }

    [GeneratedRegex(@"^[0-9]{1,12}(\.[0-9]{1,9})?s\z")]
    private static partial Regex DurationForm();
}
