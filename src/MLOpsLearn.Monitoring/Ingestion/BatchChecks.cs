using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>What a batch from outside must be.</summary>
internal static class BatchChecks
{
    private const int MaxRows = 10_000;

    /// <summary>Milliseconds of the years 1 to 9999.</summary>
    private const long MinEventMs = -62135596800000;
    private const long MaxEventMs = 253402300799999;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with every fault.</exception>
    public static void Check(PredictionBatch batch, Subject subject)
    {
        var rows = batch.EventTimesMs.Count;
        var checks = new FieldChecks()
            .Require(Guid.TryParse(batch.BatchId, out _), "batch.batch_id", batch.BatchId, "must be a UUID")
            .Require(rows is > 0 and <= MaxRows, "batch.event_times_ms", rows, $"must have 1 to {MaxRows} entries")
            .Require(batch.Requests.Count <= MaxRows && batch.Requests.Sum(request => (long)request.Rows) == rows, "batch.requests", batch.Requests.Count, $"must cover the {rows} rows")
            .Require(batch.Arms.Count is > 0 and <= 100, "batch.arms", batch.Arms.Count, "must have 1 to 100 entries, the live one first")
            .Range("batch.lost_rows", batch.LostRows, 0, int.MaxValue)
            .Require(batch.EventTimesMs.All(time => time is >= MinEventMs and <= MaxEventMs), "batch.event_times_ms", "", "must lie in the years 1 to 9999");
        for (var i = 0; i < batch.Requests.Count; i++)
        {
            var request = batch.Requests[i];
            checks.Name($"batch.requests[{i}].prediction_id", request.PredictionId)
                .Range($"batch.requests[{i}].rows", request.Rows, 1, MaxRows)
                .Range($"batch.requests[{i}].first_row", request.FirstRow, 0, int.MaxValue - MaxRows);
        }

        for (var i = 0; i < batch.Arms.Count; i++)
        {
            checks.Require(batch.Arms[i].Predictions.Count == rows, $"batch.arms[{i}].predictions", batch.Arms[i].Predictions.Count, $"must have {rows} entries")
                .Range($"batch.arms[{i}].version", batch.Arms[i].Version, 1, int.MaxValue)
                .Require(batch.Arms[i].Shadow == i > 0, $"batch.arms[{i}].shadow", batch.Arms[i].Shadow, "must be false for the first arm and true for all others");
        }

        CheckColumns(batch, subject, rows, checks);
        checks.ThrowIfAny();
    }

    private static void CheckColumns(PredictionBatch batch, Subject subject, int rows, FieldChecks checks)
    {
        var declared = subject.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var came = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < batch.Columns.Count; i++)
        {
            var column = batch.Columns[i];
            checks.Require(came.Add(column.Name), $"batch.columns[{i}].name", column.Name, "must come once");
            if (!declared.TryGetValue(column.Name, out var known))
            {
                // A column that nobody declared is left out, not refused: a model may take more than is watched.
                continue;
            }

            if (known.Kind == FeatureKind.Numeric)
            {
                checks.Require(column.Numbers.Count == rows, $"batch.columns[{i}].numbers", column.Numbers.Count, $"must have {rows} entries");
            }
            else
            {
                checks.Require(column.Codes.Count == rows, $"batch.columns[{i}].codes", column.Codes.Count, $"must have {rows} entries")
                    .Require(column.Codes.All(code => code >= -1 && code < column.Categories.Count), $"batch.columns[{i}].codes", "", "must be -1 or an index of categories");
            }
        }

        foreach (var name in declared.Keys.Where(name => !came.Contains(name)))
        {
            checks.Fault("batch.columns", name, "must have every declared column");
        }
    }
}
