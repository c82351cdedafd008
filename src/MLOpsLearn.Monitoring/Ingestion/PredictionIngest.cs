using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>
/// Stores batches of served rows, whoever served them: each batch once, each request once. The number of statements does not depend on the number of
/// batches and rows that come together.
/// </summary>
internal sealed class PredictionIngest(MonitoringDbContext context, SubjectBook subjects, WindowLedger windows, EvaluationSignal signal, TimeProvider time)
{
    public async Task<SubmitPredictionsResponse> SubmitAsync(SubmitPredictionsRequest request, CancellationToken cancellationToken)
    {
        await subjects.FindAsync(request.Endpoint, cancellationToken);
        var batch = request.Batch ?? throw RpcErrors.Invalid("batch", "", "must be given");
        var stored = await StoreAsync(request.Endpoint, [new IncomingBatch(batch, null)], cancellationToken) ?? throw RpcErrors.NotFound("watched endpoint", request.Endpoint);
        return stored[0];
    }

    /// <summary>All of them, or on an error none. Null when nobody watches the endpoint.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: one of them does not fit the declaration.</exception>
    public async Task<IReadOnlyList<SubmitPredictionsResponse>?> StoreAsync(string endpoint, IReadOnlyList<IncomingBatch> incoming, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.LockSubjectAsync(endpoint, cancellationToken) is not { } watched)
        {
            return null;
        }

        var subject = watched.ToProto();
        var tooLateBefore = watched.TooLateRows;
        foreach (var batch in incoming)
        {
            BatchChecks.Check(batch.Batch, subject);
        }

        var requests = await KnownRequests.LoadAsync(context, endpoint, incoming, cancellationToken);
        var batchIds = await KnownBatchesAsync(incoming, cancellationToken);
        var responses = new List<SubmitPredictionsResponse>(incoming.Count);
        foreach (var batch in incoming)
        {
            responses.Add(batchIds.Add(Guid.Parse(batch.Batch.BatchId))
                ? await StoreAsync(batch, watched, subject, requests, cancellationToken)
                : new SubmitPredictionsResponse { Duplicate = true });
        }

        await context.AddRequestsAsync(endpoint, requests.Added, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        MonitoringTelemetry.Stored(endpoint, responses, watched.TooLateRows - tooLateBefore, time.GetElapsedTime(started));
        signal.Set();
        return responses;
    }

    public static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a is { } known && known > b ? known : b;

    private async Task<SubmitPredictionsResponse> StoreAsync(
        IncomingBatch incoming, WatchedSubject watched, Subject subject, KnownRequests requests, CancellationToken cancellationToken)
    {
        var response = new SubmitPredictionsResponse();
        var kept = requests.SortOut(incoming.Batch, watched.StoredRows, response);
        if (kept is null)
        {
            // Nothing to store but its id: its counts must not be added twice either.
            context.Batches.Add(new StoredBatch { BatchId = Guid.Parse(incoming.Batch.BatchId), Endpoint = subject.Endpoint, FirstOrdinal = watched.StoredRows, Rows = 0, FirstEventMs = 0, LastEventMs = 0 });
        }
        else
        {
            var times = kept.EventTimesMs;
            var tooLate = await windows.AddRowsAsync(watched, subject, times, cancellationToken);
            var (first, last) = TimeSpanOf(times);
            context.Batches.Add(new StoredBatch
            {
                BatchId = Guid.Parse(kept.BatchId),
                Endpoint = subject.Endpoint,
                FirstOrdinal = watched.StoredRows,
                Rows = times.Count,
                FirstEventMs = first,
                LastEventMs = last,
                Body = ReferenceEquals(kept, incoming.Batch) ? incoming.ToBytes() : new IncomingBatch(kept, null).ToBytes(),
            });
            watched.StoredRows += times.Count;
            watched.TooLateRows += tooLate;
            watched.Watermark = Later(watched.Watermark, DateTimeOffset.FromUnixTimeMilliseconds(last));
            response.AcceptedRows = times.Count;
        }

        watched.LostRows += incoming.Batch.LostRows;
        watched.DuplicateRows += response.DuplicateRows;
        watched.ConflictingRows += response.ConflictingRows;
        return response;
    }

    private Task<HashSet<Guid>> KnownBatchesAsync(IReadOnlyList<IncomingBatch> incoming, CancellationToken cancellationToken)
    {
        var ids = incoming.Select(batch => Guid.Parse(batch.Batch.BatchId)).ToList();
        return context.Batches.Where(known => ids.Contains(known.BatchId)).Select(known => known.BatchId).ToHashSetAsync(cancellationToken);
    }

    private static (long First, long Last) TimeSpanOf(IReadOnlyList<long> times)
    {
        var (first, last) = (times[0], times[0]);
        for (var i = 1; i < times.Count; i++)
        {
            (first, last) = (Math.Min(first, times[i]), Math.Max(last, times[i]));
        }

        return (first, last);
    }
}
