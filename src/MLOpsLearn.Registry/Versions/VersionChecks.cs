using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Versions;

/// <summary>What a version may be made of.</summary>
internal static class VersionChecks
{
    /// <summary>Longest id of a run that a foreign client may name.</summary>
    public const int MaxRunIdLength = 256;

    private const int MaxInputs = 10_000;
    private static readonly string[] TriggerKinds = ["", "manual", "alert", "schedule", "external"];

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT that names every broken field.</exception>
    public static void ThrowIfInvalid(CreateModelVersionRequest request)
    {
        var checks = new FieldChecks().RequestId(request.RequestId).ModelName("model", request.Model).Tags("tags", request.Tags)
            .Require(request.RunId.Length == 32 && request.RunId.All(char.IsAsciiHexDigitLower), "run_id", request.RunId, "must be 32 hexadecimal digits")
            .ArtifactPath("artifact_path", request.ArtifactPath)
            .ArtifactPath("model_file", request.ModelFile);
        Check(checks, request.Signature ?? new ModelSignature());
        Check(checks, request.Origin ?? new Origin());
        checks.ThrowIfAny();
    }

    /// <summary>A path below a run: parts that can't lead out of it when they are put into an address.</summary>
    public static FieldChecks ArtifactPath(this FieldChecks checks, string field, string path)
    {
        checks.Text(field, path, 500);
        return checks.Require(
            path.Length is 0 or > 500 || !(path.Contains('\\') || path.Split('/').Any(part => part is "" or "." or "..")),
            field,
            path,
            "must consist of parts separated by single slashes, none of them '.' or '..'");
    }

    private static void Check(FieldChecks checks, ModelSignature signature)
    {
        checks.Text("signature.output", signature.Output, 250, required: false)
            .Require(signature.Inputs.Count <= MaxInputs, "signature.inputs", signature.Inputs.Count, $"must have at most {MaxInputs} entries");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(signature.Inputs.Count, MaxInputs); i++)
        {
            var input = signature.Inputs[i];
            checks.Text($"signature.inputs[{i}].name", input.Name, 250)
                .Require(names.Add(input.Name), $"signature.inputs[{i}].name", input.Name, "must be unique")
                .Require(input.Kind is ColumnKind.Numeric or ColumnKind.Categorical, $"signature.inputs[{i}].kind", input.Kind, "must be NUMERIC or CATEGORICAL");
        }
    }

    private static void Check(FieldChecks checks, Origin origin)
    {
        checks.Require(TriggerKinds.Contains(origin.TriggerKind), "origin.trigger_kind", origin.TriggerKind, "must be 'manual', 'alert', 'schedule' or 'external', or absent")
            .Text("origin.trigger_id", origin.TriggerId, 200, required: false)
            .Text("origin.trigger_reason", origin.TriggerReason, 8000, required: false)
            .Text("origin.job_id", origin.JobId, 100, required: false)
            .Text("origin.trace_parent", origin.TraceParent, 100, required: false)
            .Text("origin.pipeline", origin.Pipeline, 200, required: false)
            .Range("origin.pipeline_version", origin.PipelineVersion, 0, int.MaxValue)
            .Require(
                origin.DatasetSha256.Length == 0 || (origin.DatasetSha256.Length == 64 && origin.DatasetSha256.All(char.IsAsciiHexDigit)),
                "origin.dataset_sha256",
                origin.DatasetSha256,
                "must be 64 hexadecimal digits, or empty");
        CheckTime(checks, "origin.trigger_time", origin.TriggerTime);
        CheckTime(checks, "origin.window_start", origin.WindowStart);
        CheckTime(checks, "origin.window_end", origin.WindowEnd);
    }

    // A moment outside the calendar can neither be written as JSON nor be shown.
    private static void CheckTime(FieldChecks checks, string field, Timestamp? moment) => checks.Require(
        moment is null || (moment.Seconds is >= -62_135_596_800 and <= 253_402_300_799 && moment.Nanos is >= 0 and <= 999_999_999),
        field,
        moment is null ? "" : $"{moment.Seconds} s",
        "must lie between the years 1 and 9999");
}
