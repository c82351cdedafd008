using MLOpsLearn.Contracts;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>Makes, renames, tags, deletes and restores experiments.</summary>
internal sealed class ExperimentLife(WriteQueue queue, TimeProvider time)
{
    private const string UpsertTag =
        "INSERT INTO experiment_tags (experiment_id, name, value) VALUES (@p0, @p1, @p2) ON CONFLICT (experiment_id, name) DO UPDATE SET value = excluded.value";

    /// <exception cref="RefusedException">The name is taken, also by a deleted one.</exception>
    public Task<long> CreateAsync(
        string name, string? artifactLocation, IReadOnlyCollection<KeyValuePair<string, string>> tags, CancellationToken cancellationToken) =>
        queue.RunAsync(session => AddAsync(session, name, artifactLocation, tags), cancellationToken);

    /// <summary>Makes an experiment inside somebody's transaction.</summary>
    /// <exception cref="RefusedException">The name is taken, also by a deleted one.</exception>
    public async ValueTask<long> AddAsync(
        SqlSession session, string name, string? artifactLocation, IReadOnlyCollection<KeyValuePair<string, string>> tags)
    {
        await ThrowIfTakenAsync(session, name);
        var id = await session.InsertAsync(
            """
            INSERT INTO experiments (workspace, name, created_ms, updated_ms, artifact_location, is_deleted)
            VALUES (@p0, @p1, @p2, @p2, @p3, @p4) ON CONFLICT (workspace, name) DO NOTHING RETURNING id
            """,
            Workspaces.Default, name, Now(), artifactLocation, false);
        if (id == 0)
        {
            // Another server beside this one was between the question and the answer; it may even have removed the experiment again.
            await ThrowIfTakenAsync(session, name);
            throw IdempotentCalls.Conflict();
        }

        foreach (var (key, value) in tags)
        {
            await session.ExecuteAsync(UpsertTag, id, key, value);
        }

        return id;
    }

    /// <exception cref="RefusedException">No such experiment, it is deleted, or the name is taken.</exception>
    public Task RenameAsync(long id, string name, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            if (await IsDeletedAsync(session, id))
            {
                throw new RefusedException(Refusal.NotActive, "experiment", $"{id}", "Cannot rename a non-active experiment.");
            }

            await ThrowIfTakenAsync(session, name, id);
            await session.ExecuteAsync("UPDATE experiments SET name = @p1, updated_ms = @p2 WHERE id = @p0", id, name, Now());
            return true;
        },
        cancellationToken);

    /// <summary>Marks an experiment and all its runs deleted, or all of them active.</summary>
    /// <exception cref="RefusedException">No such experiment in the other state.</exception>
    public Task SetDeletedAsync(long id, bool isDeleted, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            if (await IsDeletedAsync(session, id) == isDeleted)
            {
                throw RefusedException.ExperimentNotFound(id, isDeleted ? "active experiment" : "deleted experiment");
            }

            await SetDeletedAsync(session, id, isDeleted);
            return true;
        },
        cancellationToken);

    /// <summary>The same for one that may be deleted already.</summary>
    /// <exception cref="RefusedException">No such experiment.</exception>
    public Task EnsureDeletedAsync(long id, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            if (!await IsDeletedAsync(session, id))
            {
                await SetDeletedAsync(session, id, isDeleted: true);
            }

            return true;
        },
        cancellationToken);

    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public Task SetTagAsync(long id, string key, string value, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await ThrowUnlessActiveAsync(session, id);
            return await session.ExecuteAsync(UpsertTag, id, key, value);
        },
        cancellationToken);

    /// <exception cref="RefusedException">No such experiment, it is deleted, or it has no such tag.</exception>
    public Task DeleteTagAsync(long id, string key, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await ThrowUnlessActiveAsync(session, id);
            return await session.ExecuteAsync("DELETE FROM experiment_tags WHERE experiment_id = @p0 AND name = @p1", id, key) > 0
                ? true
                : throw new RefusedException(
                    Refusal.NotFound, "tag", key, $"No tag with name: {RefusedException.Shorten(key)} in experiment with id {id}");
        },
        cancellationToken);

    private static async ValueTask<bool> IsDeletedAsync(SqlSession session, long id) =>
        await session.FirstAsync<bool?>("SELECT is_deleted FROM experiments WHERE id = @p0", static row => row.GetBoolean(0), id)
            ?? throw RefusedException.ExperimentNotFound(id);

    private static async ValueTask ThrowUnlessActiveAsync(SqlSession session, long id)
    {
        if (await IsDeletedAsync(session, id))
        {
            throw RefusedException.ExperimentNotActive(id);
        }
    }

    private static async ValueTask ThrowIfTakenAsync(SqlSession session, string name, long? except = null)
    {
        var taken = await session.FirstAsync<(long Id, bool IsDeleted)?>(
            "SELECT id, is_deleted FROM experiments WHERE workspace = @p0 AND name = @p1",
            static row => (row.GetInt64(0), row.GetBoolean(1)),
            Workspaces.Default,
            name);
        if (taken is { } other && other.Id != except)
        {
            throw new RefusedException(
                Refusal.NameTaken, "experiment", name,
                other.IsDeleted
                    ? $"Experiment '{name}' already exists in deleted state. You can restore the experiment, or permanently delete it to free its name."
                    : $"Experiment(name={name}) already exists.");
        }
    }

    private async ValueTask SetDeletedAsync(SqlSession session, long id, bool isDeleted)
    {
        var now = Now();
        await session.ExecuteAsync("UPDATE experiments SET is_deleted = @p1, updated_ms = @p2 WHERE id = @p0", id, isDeleted, now);
        await (isDeleted
            ? session.ExecuteAsync("UPDATE runs SET deleted_ms = @p1 WHERE experiment_id = @p0 AND deleted_ms IS NULL", id, now)
            : session.ExecuteAsync("UPDATE runs SET deleted_ms = NULL WHERE experiment_id = @p0 AND deleted_ms IS NOT NULL", id));
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
