using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>
/// Stores batches of served rows, whoever served them: each batch once, each request once. One transaction a batch, whatever its rows.
/// </summary>
internal sealed class PredictionIngest(MonitoringDbContext context, SubjectBook subjects, WindowLedger windows, EvaluationSignal signal)
{
    public async Task<SubmitPredictionsResponse> SubmitAsync(SubmitPredictionsRequest request, CancellationToken cancellationToken)
    {
        var subject = (await subjects.FindAsync(request.Endpoint, cancellationToken)).ToProto();
        var batch = request.Batch ?? throw RpcErrors.Invalid("batch", "", "must be given");
        BatchChecks.Check(batch, subject);
        return await StoreAsync(batch, subject, cancellationToken);
    }

    public async Task<SubmitPredictionsResponse> StoreAsync(PredictionBatch batch, Subject subject, CancellationToken cancellationToken)
    {
        var id = Guid.Parse(batch.BatchId);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.Batches.AnyAsync(known => known.BatchId == id, cancellationToken))
        {
            return new SubmitPredictionsResponse { Duplicate = true };
        }

        var watched = await context.Subjects.FirstAsync(known => known.Endpoint == subject.Endpoint, cancellationToken);
        var response = new SubmitPredictionsResponse();
        var (kept, requests) = await SortOutAsync(batch, watched, response, cancellationToken);
        var tooLate = 0;
        if (kept is not null)
        {
            tooLate = await windows.AddRowsAsync(watched, subject, kept.EventTimesMs, cancellationToken);
            context.Batches.Add(new StoredBatch
            {
                BatchId = id,
                Endpoint = subject.Endpoint,
                FirstOrdinal = watched.StoredRows,
                Rows = kept.EventTimesMs.Count,
                FirstEventMs = kept.EventTimesMs.Min(),
                LastEventMs = kept.EventTimesMs.Max(),
                Body = kept.ToByteArray(),
            });
            context.Requests.AddRange(requests);
            watched.StoredRows += kept.EventTimesMs.Count;
            watched.Watermark = Later(watched.Watermark, DateTimeOffset.FromUnixTimeMilliseconds(kept.EventTimesMs.Max()));
            response.AcceptedRows = kept.EventTimesMs.Count;
        }

        watched.DuplicateRows += response.DuplicateRows;
        watched.ConflictingRows += response.ConflictingRows;
        watched.TooLateRows += tooLate;
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Set();
        return response;
    }

    public static DateTimeOffset Later(DateTimeOffset? a, DateTimeOffset b) => a is { } known && known > b ? known : b;

    /// <summary>Leaves out requests that came before; null when nothing is left.</summary>
    private async Task<(PredictionBatch? Kept, List<StoredRequest> Requests)> SortOutAsync(
        PredictionBatch batch, WatchedSubject watched, SubmitPredictionsResponse response, CancellationToken cancellationToken)
    {
        var ids = batch.Requests.Select(request => request.PredictionId).Distinct().ToList();
        var known = (await context.Requests.AsNoTracking()
            .Where(request => request.Endpoint == watched.Endpoint && ids.Contains(request.PredictionId)).ToListAsync(cancellationToken))
            .ToDictionary(request => (request.PredictionId, request.FirstRow));
        var requests = new List<StoredRequest>(batch.Requests.Count);
        var keptRows = new List<(int Start, int Rows, PredictedRequest Request)>(batch.Requests.Count);
        var start = 0;
        foreach (var request in batch.Requests)
        {
            var hash = ContentHash.Of(batch, start, request.Rows);
            var key = (request.PredictionId, request.FirstRow);
            if (known.TryGetValue(key, out var before))
            {
                if (before.ContentHash == hash && before.Rows == request.Rows)
                {
                    response.DuplicateRows += request.Rows;
                }
                else
                {
                    response.ConflictingRows += request.Rows;
                }

                start += request.Rows;
                continue;
            }

            var times = Enumerable.Range(start, request.Rows).Select(row => batch.EventTimesMs[row]).ToList();
            var stored = new StoredRequest
            {
                Endpoint = watched.Endpoint,
                PredictionId = request.PredictionId,
                FirstRow = request.FirstRow,
                Rows = request.Rows,
                FirstOrdinal = watched.StoredRows + keptRows.Sum(kept => kept.Rows),
                FirstEventMs = times.Min(),
                LastEventMs = times.Max(),
                ContentHash = hash,
            };
            known.Add(key, stored);
            requests.Add(stored);
            keptRows.Add((start, request.Rows, request));
            start += request.Rows;
        }

        return keptRows.Count == batch.Requests.Count ? (batch, requests)
            : keptRows.Count == 0 ? (null, requests)
            : (BatchSlices.Keep(batch, keptRows), requests);
    }
}
