using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Ingestion;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.Labels;

/// <summary>Stores labels as they come, before or after their predictions; they are joined when a window is looked at.</summary>
internal sealed class LabelIngest(MonitoringDbContext context, SubjectBook subjects, WindowLedger windows, EvaluationSignal signal, TimeProvider time)
{
    private const int MaxValues = 10_000;
    private const int IdsPerQuery = 500;

    /// <param name="request">The labels.</param>
    /// <param name="mayBeStored">Whether the same call may have been stored already without its caller knowing: then what is here is left alone.</param>
    /// <param name="cancellationToken">Gives up; nothing is stored then.</param>
    public async Task<SubmitLabelsResponse> SubmitAsync(SubmitLabelsRequest request, bool mayBeStored, CancellationToken cancellationToken)
    {
        var subject = await subjects.FindAsync(request.Endpoint, cancellationToken);
        Check(request);
        var observedAt = request.ObservedAt?.ToDateTimeOffset() ?? time.GetUtcNow();
        var response = new SubmitLabelsResponse();
        var stored = request.Labels.Select(set => Clean(set, subject.Endpoint, observedAt, response)).Where(set => set is not null).Select(set => set!).ToList();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var watched = await context.LockSubjectAsync(subject.Endpoint, cancellationToken) ?? throw RpcErrors.NotFound("watched endpoint", subject.Endpoint);
        stored = mayBeStored ? await WithoutStoredAsync(stored, subject.Endpoint, cancellationToken) : stored;
        context.Labels.AddRange(stored);
        watched.StoredLabels += stored.Sum(set => set.Count);
        watched.Watermark = PredictionIngest.Later(watched.Watermark, observedAt);
        await windows.MarkLabelledAsync(watched.Endpoint, stored.Select(set => set.PredictionId), cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        MonitoringTelemetry.Labelled(subject.Endpoint, response);
        signal.Set();
        return response;
    }

    private async Task<List<StoredLabels>> WithoutStoredAsync(List<StoredLabels> sets, string endpoint, CancellationToken cancellationToken)
    {
        var left = new List<StoredLabels>();
        foreach (var chunk in sets.Chunk(IdsPerQuery))
        {
            var ids = chunk.Select(set => set.PredictionId).Distinct().ToList();
            var known = (await context.Labels.AsNoTracking().Where(set => set.Endpoint == endpoint && ids.Contains(set.PredictionId)).ToListAsync(cancellationToken))
                .ToLookup(set => set.PredictionId);
            left.AddRange(chunk.Where(set => !known[set.PredictionId].Any(set.SaysTheSameAs)));
        }

        return left;
    }

    private static void Check(SubmitLabelsRequest request)
    {
        var checks = new FieldChecks()
            .Require(request.Labels.Count > 0, "labels", 0, "must have at least one entry")
            .Require(request.Labels.Sum(set => (long)set.Values.Count) is > 0 and <= MaxValues, "labels", request.Labels.Sum(set => (long)set.Values.Count), $"must hold 1 to {MaxValues} values")
            .Require(
                request.ObservedAt is null || (request.ObservedAt.Seconds is >= -62135596800 and <= 253402300799 && request.ObservedAt.Nanos is >= 0 and < 1_000_000_000),
                "observed_at",
                request.ObservedAt,
                "must lie in the years 1 to 9999");
        for (var i = 0; i < request.Labels.Count; i++)
        {
            var set = request.Labels[i];
            var (id, row) = Split(set.PredictionId);
            checks.Name($"labels[{i}].prediction_id", id)
                .Require(set.Values.Count > 0, $"labels[{i}].values", 0, "must have at least one entry")
                .Require(set.Rows.Count == 0 || set.Rows.Count == set.Values.Count, $"labels[{i}].rows", set.Rows.Count, "must be absent or have as many entries as values")
                .Require(set.Rows.All(number => number >= 0), $"labels[{i}].rows", "", "must not be negative")
                .Range($"labels[{i}].version", set.Version, 0, int.MaxValue)
                .Require(row is null || (row >= 0 && set.Values.Count == 1 && set.Rows.Count == 0), $"labels[{i}]", set.PredictionId, "must have one value and no rows when it names a row");
        }

        checks.ThrowIfAny();
    }

    /// <summary>"id/3" is row 3 of the request "id"; an id has no slash of its own.</summary>
    private static (string Id, int? Row) Split(string predictionId)
    {
        var slash = predictionId.LastIndexOf('/');
        return slash < 0 ? (predictionId, null)
            : int.TryParse(predictionId.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var row) ? (predictionId[..slash], row)
            : (predictionId, null);
    }

    private static StoredLabels? Clean(LabelSet set, string endpoint, DateTimeOffset observedAt, SubmitLabelsResponse response)
    {
        var (id, row) = Split(set.PredictionId);
        var good = Enumerable.Range(0, set.Values.Count).Where(i => double.IsFinite(set.Values[i])).ToList();
        if (good.Count < set.Values.Count)
        {
            response.Invalid.Add(set.PredictionId);
        }

        if (good.Count == 0)
        {
            return null;
        }

        response.Accepted += good.Count;
        var values = good.Select(i => set.Values[i]).ToArray();
        var rows = row is { } one ? [one]
            : set.Rows.Count > 0 ? good.Select(i => set.Rows[i]).ToArray()
            : good.Count < set.Values.Count ? [.. good]
            : (int[]?)null;
        return new StoredLabels
        {
            Endpoint = endpoint,
            PredictionId = id,
            ObservedAt = observedAt,
            Version = set.Version,
            Count = values.Length,
            RowNumbers = rows is null ? null : MemoryMarshal.AsBytes(rows.AsSpan()).ToArray(),
            Values = MemoryMarshal.AsBytes(values.AsSpan()).ToArray(),
        };
    }
}
