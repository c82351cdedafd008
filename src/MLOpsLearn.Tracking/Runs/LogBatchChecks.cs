using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>The limits of one batch.</summary>
internal static class LogBatchChecks
{
    private const int MostMetrics = 1000;
    private const int MostDatasets = 100;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with every broken rule.</exception>
    public static void ThrowIfBroken(LogBatchRequest request)
    {
        var checks = new FieldChecks()
            .Require(request.Metrics.Count <= MostMetrics, "metrics", request.Metrics.Count, $"takes at most {MostMetrics} entries")
            .Require(request.Datasets.Count <= MostDatasets, "datasets", request.Datasets.Count, $"takes at most {MostDatasets} entries")
            .Tags("tags", request.Tags)
            .Tags("params", request.Params);
        for (var i = 0; i < request.Metrics.Count; i++)
        {
            var metric = request.Metrics[i];
            if (metric.Key.Length is 0 or > 250 || metric.Key.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
            {
                checks.Text($"metrics[{i}].key", metric.Key, 250)
                    .Require(!metric.Key.Any(char.IsControl), $"metrics[{i}].key", metric.Key, "must not contain control characters");
            }

            if (!Moments.IsValid(metric.Time))
            {
                checks.Fault($"metrics[{i}].time", $"{metric.Time.Seconds} s", Moments.Rule);
            }

            if (metric.ModelId.Length > 0)
            {
                checks.Text($"metrics[{i}].model_id", metric.ModelId, 34).Text($"metrics[{i}].dataset_name", metric.DatasetName, 500, required: false)
                    .Text($"metrics[{i}].dataset_digest", metric.DatasetDigest, 36, required: false);
            }
        }

        for (var i = 0; i < request.Datasets.Count; i++)
        {
            Check(checks, $"datasets[{i}]", request.Datasets[i]);
        }

        checks.ThrowIfAny();
    }

    private static void Check(FieldChecks checks, string field, Dataset dataset)
    {
        var isDigest = dataset.Sha256.Length == 64 && dataset.Sha256.All(char.IsAsciiHexDigitLower);
        checks.Text($"{field}.name", dataset.Name, 500)
            .Require(isDigest, $"{field}.sha256", dataset.Sha256, "must be 64 lower-case hexadecimal digits")
            .Require(
                dataset.Digest.Length == 0 || !isDigest || dataset.Sha256.StartsWith(dataset.Digest, StringComparison.Ordinal),
                $"{field}.digest", dataset.Digest, "must be the beginning of sha256, or empty")
            .Text($"{field}.source", dataset.Source, 8000, required: false)
            .Text($"{field}.context", dataset.Context, 100, required: false)
            .Range($"{field}.rows", dataset.Rows, 0, long.MaxValue);
    }
}
