using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>Loads rows by event time or by order of arrival, from segments and from batches that are not gathered yet.</summary>
internal sealed class RowLoader(MonitoringDbContext context, IOptions<MonitoringOptions> options)
{
    /// <summary>Rows with <paramref name="startMs"/> ≤ event time &lt; <paramref name="endMs"/>.</summary>
    public async Task<RowSet> ByTimeAsync(Subject subject, long startMs, long endMs, CancellationToken cancellationToken)
    {
        // One snapshot of both tables: gathering moves rows from one to the other.
        await using var snapshot = await context.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken);
        var segments = await context.Segments.AsNoTracking()
            .Where(segment => segment.Endpoint == subject.Endpoint && segment.LastEventMs >= startMs && segment.FirstEventMs < endMs)
            .OrderBy(segment => segment.FirstOrdinal).ToListAsync(cancellationToken);
        var batches = await context.Batches.AsNoTracking()
            .Where(batch => batch.Endpoint == subject.Endpoint && batch.Body != null && batch.LastEventMs >= startMs && batch.FirstEventMs < endMs)
            .OrderBy(batch => batch.FirstOrdinal).Select(batch => batch.Body!).ToListAsync(cancellationToken);
        await snapshot.CommitAsync(cancellationToken);
        var builder = new RowSetBuilder(subject);
        foreach (var segment in segments)
        {
            builder.Add(await ReadAsync(segment, subject, cancellationToken), (_, time) => time >= startMs && time < endMs);
        }

        foreach (var body in batches)
        {
            builder.Add(PredictionBatch.Parser.ParseFrom(body), (_, time) => time >= startMs && time < endMs);
        }

        return builder.Build();
    }

    /// <summary>Rows number <paramref name="first"/> to <paramref name="end"/> − 1 in order of arrival.</summary>
    public async Task<RowSet> ByOrdinalAsync(Subject subject, long first, long end, CancellationToken cancellationToken)
    {
        await using var snapshot = await context.Database.BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancellationToken);
        var segments = await context.Segments.AsNoTracking()
            .Where(segment => segment.Endpoint == subject.Endpoint && segment.FirstOrdinal < end && segment.FirstOrdinal + segment.Rows > first)
            .OrderBy(segment => segment.FirstOrdinal).ToListAsync(cancellationToken);
        var batches = await context.Batches.AsNoTracking()
            .Where(batch => batch.Endpoint == subject.Endpoint && batch.Body != null && batch.FirstOrdinal < end && batch.FirstOrdinal + batch.Rows > first)
            .OrderBy(batch => batch.FirstOrdinal).ToListAsync(cancellationToken);
        await snapshot.CommitAsync(cancellationToken);
        var builder = new RowSetBuilder(subject);
        foreach (var segment in segments)
        {
            builder.Add(await ReadAsync(segment, subject, cancellationToken), (row, _) => segment.FirstOrdinal + row >= first && segment.FirstOrdinal + row < end);
        }

        foreach (var batch in batches)
        {
            builder.Add(PredictionBatch.Parser.ParseFrom(batch.Body), (row, _) => batch.FirstOrdinal + row >= first && batch.FirstOrdinal + row < end);
        }

        return builder.Build();
    }

    private Task<RowSet> ReadAsync(Segment segment, Subject subject, CancellationToken cancellationToken) =>
        SegmentFile.ReadAsync(options.Value.SegmentPath(segment.Endpoint, segment.SegmentId), subject, cancellationToken);
}
