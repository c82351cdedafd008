using MLOpsLearn.Contracts;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>Reads experiments with their tags.</summary>
internal sealed class ExperimentReader(TrackingDatabase database)
{
    /// <exception cref="RefusedException">There is none.</exception>
    public Task<ExperimentRecord> GetAsync(long id, CancellationToken cancellationToken) => database.ReadAsync(session => GetAsync(session, id), cancellationToken);

    /// <exception cref="RefusedException">There is none.</exception>
    public static async ValueTask<ExperimentRecord> GetAsync(SqlSession session, long id) => await WithTagsAsync(session, await session.FirstAsync(
        $"SELECT {ExperimentRecord.Columns} FROM experiments AS e WHERE e.id = @p0", ExperimentRecord.Read, id)) ?? throw RefusedException.ExperimentNotFound(id);

    /// <summary>Active experiments after this id, in order of their ids; of this name only when it is not empty.</summary>
    public Task<List<ExperimentRecord>> ListAsync(long after, string name, int most, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var found = await session.QueryAsync(
                $"""
                SELECT {ExperimentRecord.Columns} FROM experiments AS e
                WHERE e.workspace = @p0 AND e.id > @p1 AND NOT e.is_deleted AND (@p2 = '' OR e.name = @p2) ORDER BY e.id LIMIT @p3
                """,
                ExperimentRecord.Read, Workspaces.Default, after, name, (long)most);
            await AddTagsAsync(session, found);
            return found;
        },
        cancellationToken);

    /// <summary>Null when there is none; deleted ones too are found.</summary>
    public Task<ExperimentRecord?> FindAsync(string name, CancellationToken cancellationToken) => database.ReadAsync(
        async session => await WithTagsAsync(session, await session.FirstAsync(
            $"SELECT {ExperimentRecord.Columns} FROM experiments AS e WHERE e.workspace = @p0 AND e.name = @p1", ExperimentRecord.Read, Workspaces.Default, name)),
        cancellationToken);

    /// <summary>Adds the tags of these experiments.</summary>
    public static async ValueTask AddTagsAsync(SqlSession session, IReadOnlyCollection<ExperimentRecord> experiments)
    {
        if (experiments.Count == 0)
        {
            return;
        }

        var byId = experiments.ToDictionary(experiment => experiment.Id);
        await session.ForEachAsync(
            $"SELECT experiment_id, name, value FROM experiment_tags WHERE {session.Dialect.InNumbers("experiment_id", "@p0")}",
            row => byId[row.GetInt64(0)].Tags.Add(new(row.GetString(1), row.GetString(2))),
            session.Dialect.List(byId.Keys));
    }

    private static async ValueTask<ExperimentRecord?> WithTagsAsync(SqlSession session, ExperimentRecord? experiment)
    {
        if (experiment is not null)
        {
            await AddTagsAsync(session, [experiment]);
        }

        return experiment;
    }
}
