using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>A logged model that is to be made, checked already.</summary>
internal sealed record NewLoggedModel(
    long ExperimentId, string Name, string? ModelType, string? SourceRunId, IReadOnlyCollection<KeyValuePair<string, string>> Params, IReadOnlyCollection<KeyValuePair<string, string>> Tags);

/// <summary>Makes, finishes, describes and deletes logged models.</summary>
internal sealed class LoggedModelLog(WriteQueue queue, TrackingDatabase database, TimeProvider time)
{
    private const int ParamKind = 0;
    private const int TagKind = 1;
    private const int Pending = 1;

    private const string UpsertText =
        "INSERT INTO logged_model_texts (model_id, kind, name, value) VALUES (@p0, @p1, @p2, @p3) ON CONFLICT (model_id, kind, name) DO UPDATE SET value = excluded.value";

    /// <summary>Whether a text may be the name of a logged model.</summary>
    public static bool IsName(string text) => text.Length > 0 && text.AsSpan().IndexOfAny("/:.%\"'") < 0;

    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public Task<LoggedModelRecord> CreateAsync(NewLoggedModel model, CancellationToken cancellationToken) =>
        queue.RunAsync(session => AddAsync(session, model), cancellationToken);

    /// <summary>Makes a logged model inside somebody's transaction.</summary>
    /// <exception cref="RefusedException">No such experiment, or it is deleted.</exception>
    public async ValueTask<LoggedModelRecord> AddAsync(SqlSession session, NewLoggedModel model)
    {
        var modelId = "m-" + Guid.CreateVersion7().ToString("N");
        var (isDeleted, location) = await session.FirstAsync<(bool, string?)?>(
            "SELECT is_deleted, artifact_location FROM experiments WHERE id = @p0",
            static row => (row.GetBoolean(0), row.IsDBNull(1) ? null : row.GetString(1)),
            model.ExperimentId) ?? throw RefusedException.ExperimentNotFound(model.ExperimentId);
        if (isDeleted)
        {
            throw RefusedException.ExperimentNotActive(model.ExperimentId);
        }

        var now = Now();
        var uri = ArtifactLocations.OfModel(location, model.ExperimentId, modelId);
        await session.ExecuteAsync(
            """
            INSERT INTO logged_models (model_id, experiment_id, name, created_ms, updated_ms, artifact_uri, status, model_type, source_run_id)
            VALUES (@p0, @p1, @p2, @p3, @p3, @p4, @p5, @p6, @p7)
            """,
            modelId, model.ExperimentId, model.Name, now, uri, Pending, model.ModelType, model.SourceRunId);
        await AddTextsAsync(session, modelId, ParamKind, model.Params);
        await AddTextsAsync(session, modelId, TagKind, model.Tags);
        return await FindAsync(session, modelId, allowDeleted: false);
    }

    /// <exception cref="RefusedException">There is none, or it is deleted and those were not asked for.</exception>
    public Task<LoggedModelRecord> GetAsync(string modelId, bool allowDeleted, CancellationToken cancellationToken) =>
        database.ReadAsync(session => FindAsync(session, modelId, allowDeleted), cancellationToken);

    public Task<LoggedModelRecord> FinishAsync(string modelId, int status, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, modelId, allowDeleted: false);
            await session.ExecuteAsync("UPDATE logged_models SET status = @p1, updated_ms = @p2 WHERE model_id = @p0", modelId, status, Now());
            return await FindAsync(session, modelId, allowDeleted: false);
        },
        cancellationToken);

    public Task DeleteAsync(string modelId, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, modelId, allowDeleted: false);
            return await session.ExecuteAsync("UPDATE logged_models SET deleted_ms = @p1, updated_ms = @p1 WHERE model_id = @p0", modelId, Now());
        },
        cancellationToken);

    /// <summary>Adds params and sets tags.</summary>
    /// <exception cref="RefusedException">No such model, or it has another value for one of the params.</exception>
    public Task<LoggedModelRecord> DescribeAsync(
        string modelId, IReadOnlyCollection<KeyValuePair<string, string>> parameters, IReadOnlyCollection<KeyValuePair<string, string>> tags, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, modelId, allowDeleted: false);
            await ThrowIfOtherAsync(session, modelId, parameters);
            await AddTextsAsync(session, modelId, ParamKind, parameters);
            await AddTextsAsync(session, modelId, TagKind, tags);
            return await FindAsync(session, modelId, allowDeleted: false);
        },
        cancellationToken);

    /// <exception cref="RefusedException">No such model or tag.</exception>
    public Task DeleteTagAsync(string modelId, string name, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            await FindAsync(session, modelId, allowDeleted: false);
            return await session.ExecuteAsync("DELETE FROM logged_model_texts WHERE model_id = @p0 AND kind = @p1 AND name = @p2", modelId, TagKind, name) > 0
                ? true
                : throw new RefusedException(Refusal.NotFound, "tag", name, $"No tag with key '{RefusedException.Shorten(name)}' found for logged model with ID '{modelId}'.");
        },
        cancellationToken);

    /// <summary>Adds params, tags and metrics to these models.</summary>
    public static async ValueTask AddDataAsync(SqlSession session, IReadOnlyCollection<LoggedModelRecord> models)
    {
        if (models.Count == 0)
        {
            return;
        }

        var byId = models.ToDictionary(model => model.ModelId);
        var list = session.Dialect.List(byId.Keys);
        await session.ForEachAsync(
            $"SELECT model_id, kind, name, value FROM logged_model_texts WHERE {session.Dialect.InTexts("model_id", "@p0")}",
            row => (row.GetInt32(1) == ParamKind ? byId[row.GetString(0)].Params : byId[row.GetString(0)].Tags).Add(new(row.GetString(2), row.GetString(3))),
            list);
        await session.ForEachAsync(
            $"""
            SELECT model_id, name, value, is_nan, step, time_ms, run_id, dataset_name, dataset_digest FROM logged_model_metrics
            WHERE {session.Dialect.InTexts("model_id", "@p0")}
            """,
            row => byId[row.GetString(0)].Metrics.Add(new MeasuredValue(
                new(row.GetString(1), row.GetBoolean(3) ? double.NaN : row.GetDouble(2), row.GetInt64(4), row.GetInt64(5)),
                row.GetString(6), row.GetString(7), row.GetString(8))),
            list);
    }

    private static async ValueTask<LoggedModelRecord> FindAsync(SqlSession session, string modelId, bool allowDeleted)
    {
        var model = await session.FirstAsync(
            $"SELECT {LoggedModelRecord.Columns} FROM logged_models AS l WHERE l.model_id = @p0", LoggedModelRecord.Read, modelId);
        if (model is null || (model.IsDeleted && !allowDeleted))
        {
            throw new RefusedException(Refusal.NotFound, "logged model", modelId, $"Logged model with ID '{RefusedException.Shorten(modelId)}' not found.");
        }

        await AddDataAsync(session, [model]);
        return model;
    }

    private static async ValueTask AddTextsAsync(SqlSession session, string modelId, int kind, IReadOnlyCollection<KeyValuePair<string, string>> items)
    {
        foreach (var (name, value) in items)
        {
            await session.ExecuteAsync(UpsertText, modelId, kind, name, value);
        }
    }

    private static async ValueTask ThrowIfOtherAsync(SqlSession session, string modelId, IReadOnlyCollection<KeyValuePair<string, string>> items)
    {
        foreach (var (name, value) in items)
        {
            var stored = await session.FirstAsync(
                "SELECT value FROM logged_model_texts WHERE model_id = @p0 AND kind = @p1 AND name = @p2", static row => row.GetString(0), modelId, ParamKind, name);
            if (stored is not null && stored != value)
            {
                throw new RefusedException(
                    Refusal.ParamTaken, "param", name,
                    $"Changing param values is not allowed. Param with key='{name}' was already logged with value='{RefusedException.Shorten(stored)}' for logged model ID='{modelId}'.");
            }
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
