using Google.Protobuf.Collections;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Segments;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>The requests of an endpoint that incoming batches may repeat; grows with those that are kept.</summary>
internal sealed class KnownRequests(string endpoint, Dictionary<(string PredictionId, int FirstRow), StoredRequest> known)
{
    /// <summary>Those that are new, of all batches.</summary>
    public List<StoredRequest> Added { get; } = [];

    /// <summary>Looks up all requests of all batches at once.</summary>
    public static async Task<KnownRequests> LoadAsync(
        MonitoringDbContext context, string endpoint, IReadOnlyList<IncomingBatch> incoming, CancellationToken cancellationToken)
    {
        var ids = incoming.SelectMany(batch => batch.Batch.Requests).Select(request => request.PredictionId).Distinct().ToList();
        var stored = await context.Requests.AsNoTracking()
            .Where(request => request.Endpoint == endpoint && ids.Contains(request.PredictionId)).ToListAsync(cancellationToken);
        return new KnownRequests(endpoint, stored.ToDictionary(request => (request.PredictionId, request.FirstRow)));
    }

    /// <summary>Leaves out requests that came before, and counts them in the response; null when nothing is left.</summary>
    public PredictionBatch? SortOut(PredictionBatch batch, long firstOrdinal, SubmitPredictionsResponse response)
    {
        var stretches = new List<(int Start, int Rows, PredictedRequest Request)>(batch.Requests.Count);
        var (start, keptRows) = (0, 0);
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
            }
            else
            {
                var stored = Describe(request, start, firstOrdinal + keptRows, hash, batch.EventTimesMs);
                known.Add(key, stored);
                Added.Add(stored);
                stretches.Add((start, request.Rows, request));
                keptRows += request.Rows;
            }

            start += request.Rows;
        }

        return stretches.Count == batch.Requests.Count ? batch
            : stretches.Count == 0 ? null
            : BatchSlices.Keep(batch, stretches);
    }

    private StoredRequest Describe(PredictedRequest request, int start, long ordinal, long hash, RepeatedField<long> times)
    {
        var (first, last) = (times[start], times[start]);
        for (var row = start + 1; row < start + request.Rows; row++)
        {
            (first, last) = (Math.Min(first, times[row]), Math.Max(last, times[row]));
        }

        return new StoredRequest
        {
            Endpoint = endpoint,
            PredictionId = request.PredictionId,
            FirstRow = request.FirstRow,
            Rows = request.Rows,
            FirstOrdinal = ordinal,
            FirstEventMs = first,
            LastEventMs = last,
            ContentHash = hash,
        };
    }
}
