using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>A run that is to be made, checked already.</summary>
internal sealed record NewRun(long ExperimentId, string Name, string UserId, long StartMs, IReadOnlyCollection<KeyValuePair<string, string>> Tags);

/// <summary>What is to change of a run; null leaves it.</summary>
internal sealed record RunChange(RunStatus? Status, long? EndMs, string? Name);

/// <summary>Makes, changes, deletes and restores runs.</summary>
internal sealed class RunLife(WriteQueue queue, TimeProvider time)
{
    private const string Insert =
        """
        INSERT INTO runs (run_id, experiment_id, workspace, name, status, start_ms, user_id, artifact_uri)
        VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7) RETURNING run_key
        """;

    private const string InsertTag = "INSERT INTO tags (run_key, name, value) VALUES (@p0, @p1, @p2)";

    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public Task<(RunRecord Run, RunData Data)> CreateAsync(NewRun run, CancellationToken cancellationToken) => queue.RunAsync(session => AddAsync(session, run), cancellationToken);

    /// <summary>Makes a run inside somebody's transaction; its name is a tag too.</summary>
    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public static async ValueTask<(RunRecord Run, RunData Data)> AddAsync(SqlSession session, NewRun run)
    {
        var runId = Guid.CreateVersion7().ToString("N");
        var (isDeleted, location) = await session.FirstAsync<(bool, string?)?>(
            "SELECT is_deleted, artifact_location FROM experiments WHERE id = @p0",
            static row => (row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetString(1)),
            run.ExperimentId) ?? throw RefusedException.ExperimentNotFound(run.ExperimentId);
        if (isDeleted)
        {
            throw RefusedException.ExperimentNotActive(run.ExperimentId);
        }

        var artifactUri = ArtifactLocations.OfRun(location, run.ExperimentId, runId);
        // A run without a name of its own is called by its id.
        var name = run.Name.Length > 0 ? run.Name : $"run-{runId[^8..]}";
        var key = await session.InsertAsync(
            Insert, runId, run.ExperimentId, Workspaces.Default, name, (int)RunStatus.Running, run.StartMs, run.UserId, artifactUri);
        var data = new RunData();
        data.Tags.AddRange(run.Tags.Where(static tag => tag.Key != RunLog.NameTag));
        data.Tags.Add(new(RunLog.NameTag, name));
        foreach (var (tag, value) in data.Tags)
        {
            await session.DeferAsync(InsertTag, key, tag, value);
        }

        session.AfterCommit(static () => TrackingTelemetry.Started());
        return (new RunRecord(key, runId, run.ExperimentId, name, RunStatus.Running, run.StartMs, null, run.UserId, artifactUri, IsDeleted: false), data);
    }

    /// <exception cref="RefusedException">No such run, or it is deleted.</exception>
    public async Task<RunRecord> UpdateAsync(string runId, RunChange change, CancellationToken cancellationToken)
    {
        var (before, after) = await queue.RunAsync(session => UpdateAsync(session, runId, change), cancellationToken);
        if (before == RunStatus.Running && after.Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed)
        {
            TrackingTelemetry.Ended(after.Status);
        }

        return after;
    }

    /// <summary>Ends a run that is running; one that has ended is given as it is.</summary>
    /// <exception cref="RefusedException">No such run, or it is deleted.</exception>
    public Task<RunRecord> FinishAsync(string runId, RunStatus status, long endMs, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.ActiveAsync(session, runId);
            // One statement, so that of two ends at once one holds and the other learns of it.
            if (await session.ExecuteAsync(
                "UPDATE runs SET status = @p1, end_ms = @p2 WHERE run_key = @p0 AND status = @p3", run.Key, (int)status, endMs, (int)RunStatus.Running) > 0)
            {
                session.AfterCommit(() => TrackingTelemetry.Ended(status));
            }

            return (await RunReader.FindAsync(session, runId))!;
        },
        cancellationToken);

    /// <summary>Marks a run deleted, or active again; the same again changes nothing.</summary>
    /// <exception cref="RefusedException">No such run.</exception>
    public Task SetDeletedAsync(string runId, bool isDeleted, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.GetAsync(session, runId);
            if (run.IsDeleted != isDeleted)
            {
                await session.ExecuteAsync(
                    "UPDATE runs SET deleted_ms = @p1 WHERE run_key = @p0", run.Key, isDeleted ? time.GetUtcNow().ToUnixTimeMilliseconds() : null);
            }

            return true;
        },
        cancellationToken);

    /// <exception cref="RefusedException">No such run, it is deleted, or it has no such tag.</exception>
    public Task DeleteTagAsync(string runId, string name, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.ActiveAsync(session, runId);
            return await session.ExecuteAsync("DELETE FROM tags WHERE run_key = @p0 AND name = @p1", run.Key, name) > 0
                ? true
                : throw new RefusedException(Refusal.NotFound, "tag", name, $"No tag with name: {RefusedException.Shorten(name)} in run with id {runId}");
        },
        cancellationToken);

    private static async ValueTask<(RunStatus Before, RunRecord After)> UpdateAsync(SqlSession session, string runId, RunChange change)
    {
        var run = await RunKeys.ActiveAsync(session, runId);
        var before = (await RunReader.FindAsync(session, runId))!.Status;
        await session.ExecuteAsync(
            "UPDATE runs SET status = COALESCE(@p1, status), end_ms = COALESCE(@p2, end_ms) WHERE run_key = @p0",
            run.Key, change.Status is { } status ? (int)status : null, change.EndMs);
        if (!string.IsNullOrEmpty(change.Name))
        {
            await RunLog.SetTagAsync(session, run.Key, RunLog.NameTag, change.Name);
        }

        return (before, (await RunReader.FindAsync(session, runId))!);
    }
}
