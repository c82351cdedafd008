using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Traces;

/// <summary>Writes, reads, tags and deletes traces.</summary>
internal sealed class TraceLog(WriteQueue queue, TrackingDatabase database)
{
    /// <summary>The tag that tells clients where to put the spans.</summary>
    public const string LocationTag = "mlflow.artifactLocation";

    private const int TagKind = 0;
    private const int MetadataKind = 1;

    private const string UpsertText =
        "INSERT INTO trace_texts (trace_id, kind, name, value) VALUES (@p0, @p1, @p2, @p3) ON CONFLICT (trace_id, kind, name) DO UPDATE SET value = excluded.value";

    /// <summary>Stores a trace; one that is known gets what is new.</summary>
    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public Task<TraceRecord> WriteAsync(TraceRecord trace, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var experiment = await ExperimentReader.GetAsync(session, trace.ExperimentId);
            if (experiment.IsDeleted)
            {
                throw RefusedException.ExperimentNotActive(trace.ExperimentId);
            }

            await session.ExecuteAsync(
                """
                INSERT INTO traces (trace_id, experiment_id, start_ms, duration_ms, state, client_request_id, request_preview, response_preview)
                VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7) ON CONFLICT (trace_id) DO UPDATE SET
                start_ms = excluded.start_ms, duration_ms = COALESCE(excluded.duration_ms, traces.duration_ms), state = excluded.state,
                client_request_id = COALESCE(excluded.client_request_id, traces.client_request_id),
                request_preview = COALESCE(excluded.request_preview, traces.request_preview),
                response_preview = COALESCE(excluded.response_preview, traces.response_preview)
                """,
                trace.TraceId, trace.ExperimentId, trace.StartMs, trace.DurationMs, (int)trace.State, trace.ClientRequestId, trace.RequestPreview, trace.ResponsePreview);
            var location = ArtifactLocations.OfTrace(experiment.ArtifactLocation, trace.ExperimentId, trace.TraceId);
            await AddTextsAsync(session, trace.TraceId, TagKind, trace.Tags.Append(new(LocationTag, location)));
            await AddTextsAsync(session, trace.TraceId, MetadataKind, trace.Metadata);
            return await FindAsync(session, trace.TraceId);
        },
        cancellationToken);

    /// <summary>Ends a trace at a moment.</summary>
    /// <exception cref="RefusedException">There is no such trace.</exception>
    public Task<TraceRecord> EndAsync(
        string traceId, long endMs, TraceState state, IEnumerable<KeyValuePair<string, string>> tags, IEnumerable<KeyValuePair<string, string>> metadata, CancellationToken cancellationToken) =>
        queue.RunAsync(
            async session =>
            {
                await FindAsync(session, traceId);
                await session.ExecuteAsync("UPDATE traces SET duration_ms = @p1 - start_ms, state = @p2 WHERE trace_id = @p0", traceId, endMs, (int)state);
                await AddTextsAsync(session, traceId, TagKind, tags);
                await AddTextsAsync(session, traceId, MetadataKind, metadata);
                return await FindAsync(session, traceId);
            },
            cancellationToken);

    /// <exception cref="RefusedException">There is no such trace.</exception>
    public Task<TraceRecord> GetAsync(string traceId, CancellationToken cancellationToken) =>
        database.ReadAsync(session => FindAsync(session, traceId), cancellationToken);

    /// <exception cref="RefusedException">There is no such trace.</exception>
    public Task SetTagAsync(string traceId, string key, string value, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, traceId);
            return await session.ExecuteAsync(UpsertText, traceId, TagKind, key, value);
        },
        cancellationToken);

    /// <exception cref="RefusedException">There is no such trace, or it has no such tag.</exception>
    public Task DeleteTagAsync(string traceId, string key, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, traceId);
            return await session.ExecuteAsync("DELETE FROM trace_texts WHERE trace_id = @p0 AND kind = @p1 AND name = @p2", traceId, TagKind, key) > 0
                ? true
                : throw new RefusedException(Refusal.NotFound, "tag", key, $"No trace tag with key '{RefusedException.Shorten(key)}' for trace with ID '{traceId}'");
        },
        cancellationToken);

    /// <summary>Deletes these traces of an experiment, or the oldest ones up to a moment; says how many.</summary>
    public Task<int> DeleteAsync(
        long experimentId, IReadOnlyCollection<string>? traceIds, long? untilMs, int? most, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var found = traceIds is not null
                ? await session.QueryAsync(
                    $"SELECT trace_id FROM traces WHERE experiment_id = @p0 AND {session.Dialect.InTexts("trace_id", "@p1")}",
                    static row => row.GetString(0), experimentId, session.Dialect.List(traceIds))
                : await session.QueryAsync(
                    "SELECT trace_id FROM traces WHERE experiment_id = @p0 AND start_ms <= @p1 ORDER BY start_ms LIMIT @p2",
                    static row => row.GetString(0), experimentId, untilMs ?? long.MaxValue, (long)(most ?? int.MaxValue));
            if (found.Count > 0)
            {
                var list = session.Dialect.List(found);
                await session.ExecuteAsync($"DELETE FROM trace_texts WHERE {session.Dialect.InTexts("trace_id", "@p0")}", list);
                await session.ExecuteAsync($"DELETE FROM traces WHERE {session.Dialect.InTexts("trace_id", "@p0")}", list);
            }

            return found.Count;
        },
        cancellationToken);

    /// <summary>Adds tags and metadata to these traces.</summary>
    public static async ValueTask AddDataAsync(SqlSession session, IReadOnlyCollection<TraceRecord> traces)
    {
        if (traces.Count == 0)
        {
            return;
        }

        var byId = traces.ToDictionary(trace => trace.TraceId);
        await session.ForEachAsync(
            $"SELECT trace_id, kind, name, value FROM trace_texts WHERE {session.Dialect.InTexts("trace_id", "@p0")} ORDER BY name",
            row => (row.GetInt32(1) == TagKind ? byId[row.GetString(0)].Tags : byId[row.GetString(0)].Metadata).Add(new(row.GetString(2), row.GetString(3))),
            session.Dialect.List(byId.Keys));
    }

    private static async ValueTask<TraceRecord> FindAsync(SqlSession session, string traceId)
    {
        var trace = await session.FirstAsync($"SELECT {TraceRecord.Columns} FROM traces AS t WHERE t.trace_id = @p0", TraceRecord.Read, traceId)
            ?? throw new RefusedException(Refusal.NotFound, "trace", traceId, $"Trace with ID '{RefusedException.Shorten(traceId)}' not found.");
        await AddDataAsync(session, [trace]);
        return trace;
    }

    private static async ValueTask AddTextsAsync(SqlSession session, string traceId, int kind, IEnumerable<KeyValuePair<string, string>> items)
    {
        foreach (var (name, value) in items)
        {
            await session.ExecuteAsync(UpsertText, traceId, kind, name, value);
        }
    }
}
