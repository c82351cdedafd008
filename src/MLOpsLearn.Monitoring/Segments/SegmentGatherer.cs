using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>
/// Gathers batches that wait in the database into a segment. The file is written first; one transaction then adds it and takes the batches'
/// bodies out, so a crash in between leaves a file that nobody knows, never a row twice.
/// </summary>
internal sealed class SegmentGatherer(MonitoringDbContext context, IOptions<MonitoringOptions> options)
{
    /// <returns>Whether a segment was made; there may be more to gather then.</returns>
    public async Task<bool> GatherOnceAsync(Subject subject, CancellationToken cancellationToken)
    {
        var waiting = await context.Batches.AsNoTracking().Where(batch => batch.Endpoint == subject.Endpoint && batch.Body != null)
            .OrderBy(batch => batch.FirstOrdinal).Select(batch => new { batch.BatchId, batch.FirstOrdinal, batch.Rows }).ToListAsync(cancellationToken);
        if (waiting.Sum(batch => batch.Rows) < options.Value.SegmentRows)
        {
            return false;
        }

        var rows = 0;
        var taken = waiting.TakeWhile(batch => (rows += batch.Rows) <= options.Value.SegmentRows || rows == batch.Rows).ToList();
        var ids = taken.Select(batch => batch.BatchId).ToList();
        var bodies = await context.Batches.AsNoTracking().Where(batch => ids.Contains(batch.BatchId))
            .OrderBy(batch => batch.FirstOrdinal).Select(batch => batch.Body!).ToListAsync(cancellationToken);
        var builder = new RowSetBuilder(subject);
        foreach (var body in bodies)
        {
            builder.Add(PredictionBatch.Parser.ParseFrom(body), (_, _) => true);
        }

        var set = builder.Build();
        var segment = new Segment
        {
            SegmentId = Guid.CreateVersion7().ToString(),
            Endpoint = subject.Endpoint,
            FirstOrdinal = taken[0].FirstOrdinal,
            Rows = set.Count,
            FirstEventMs = set.EventTimesMs.Min(),
            LastEventMs = set.EventTimesMs.Max(),
        };
        await SegmentFile.WriteAsync(options.Value.SegmentPath(subject.Endpoint, segment.SegmentId), set, cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        context.Segments.Add(segment);
        await context.SaveChangesAsync(cancellationToken);
        await context.Batches.Where(batch => ids.Contains(batch.BatchId)).ExecuteUpdateAsync(update => update.SetProperty(batch => batch.Body, (byte[]?)null), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }
}
