using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Reads runs with what belongs to them: one query for each kind of thing, whatever the number of runs.</summary>
internal sealed class RunReader(TrackingDatabase database)
{
    /// <summary>The tag of a dataset input that says what the run used it for.</summary>
    public const string ContextTag = "mlflow.data.context";

    /// <exception cref="RefusedException">There is no such run.</exception>
    public Task<(RunRecord Run, RunData Data)> GetAsync(string runId, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var run = await FindAsync(session, runId) ?? throw RefusedException.RunNotFound(runId);
            var data = await DataAsync(session, [run.Key]);
            return (run, data[run.Key]);
        },
        cancellationToken);

    /// <summary>Active runs of an experiment with their data, newest first, made before the one with this key.</summary>
    public Task<List<(RunRecord Run, RunData Data)>> ListAsync(long experimentId, long beforeKey, int most, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var runs = await session.QueryAsync(
                $"SELECT {RunRecord.Columns} FROM runs AS r WHERE r.experiment_id = @p0 AND r.run_key < @p1 AND r.deleted_ms IS NULL ORDER BY r.run_key DESC LIMIT @p2",
                RunRecord.Read, experimentId, beforeKey, (long)most);
            var data = await DataAsync(session, [.. runs.Select(run => run.Key)]);
            return runs.ConvertAll(run => (run, data[run.Key]));
        },
        cancellationToken);

    /// <summary>A run without its data.</summary>
    /// <exception cref="RefusedException">There is no such run.</exception>
    public Task<RunRecord> FindAsync(string runId, CancellationToken cancellationToken) => database.ReadAsync(
        async session => await FindAsync(session, runId) ?? throw RefusedException.RunNotFound(runId), cancellationToken);

    public static ValueTask<RunRecord?> FindAsync(SqlSession session, string runId) =>
        session.FirstAsync($"SELECT {RunRecord.Columns} FROM runs AS r WHERE r.run_id = @p0", RunRecord.Read, runId);

    /// <summary>The data of each of these runs.</summary>
    public static async ValueTask<Dictionary<long, RunData>> DataAsync(SqlSession session, IReadOnlyCollection<long> runKeys)
    {
        var data = runKeys.ToDictionary(key => key, _ => new RunData());
        if (runKeys.Count == 0)
        {
            return data;
        }

        var list = runKeys.Count == 1 ? (object)runKeys.First() : session.Dialect.List(runKeys);
        string In(string column) => runKeys.Count == 1 ? $"{column} = @p0" : session.Dialect.InNumbers(column, "@p0");

        await session.ForEachAsync($"SELECT run_key, name, value FROM params WHERE {In("run_key")}", row => data[row.GetInt64(0)].Params.Add(Pair(row)), list);
        await session.ForEachAsync($"SELECT run_key, name, value FROM tags WHERE {In("run_key")}", row => data[row.GetInt64(0)].Tags.Add(Pair(row)), list);
        await session.ForEachAsync(
            $"""
            SELECT m.run_key, k.name, m.value, m.is_nan, m.step, m.time_ms FROM latest_metrics AS m
            JOIN metric_keys AS k ON k.id = m.key_id WHERE {In("m.run_key")}
            """,
            row => data[row.GetInt64(0)].Metrics.Add(new LoggedValue(row.GetString(1), row.GetBoolean(3) ? double.NaN : row.GetDouble(2), row.GetInt64(4), row.GetInt64(5))),
            list);
        await session.ForEachAsync(
            $"""
            SELECT i.run_key, d.name, d.digest, d.source_type, d.source, d.schema, d.profile, i.tags_json FROM dataset_inputs AS i
            JOIN input_datasets AS d ON d.id = i.dataset_id WHERE {In("i.run_key")} ORDER BY i.dataset_id
            """,
            row => data[row.GetInt64(0)].Datasets.Add(new UsedDataset(
                row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6),
                JsonSerializer.Deserialize<Dictionary<string, string>>(row.GetString(7)) ?? [])),
            list);
        await session.ForEachAsync(
            $"""SELECT "RunKey", "Name", "Sha256", "Source", "Rows", "Context" FROM datasets WHERE {In("\"RunKey\"")} ORDER BY "Name" """,
            row => data[row.GetInt64(0)].Datasets.Add(Native(row)),
            list);
        await session.ForEachAsync(
            $"SELECT run_key, model_id, is_output, step FROM run_models WHERE {In("run_key")} ORDER BY id",
            row => data[row.GetInt64(0)].Models.Add(new UsedModel(row.GetString(1), row.GetBoolean(2), row.GetInt64(3))),
            list);
        return data;
    }

    /// <summary>A dataset of the native contract, as MLflow's clients see it.</summary>
    private static UsedDataset Native(DbDataReader row) => new(
        row.GetString(1),
        row.GetString(2)[..32],
        "mlopslearn",
        row.GetString(3),
        "",
        string.Create(CultureInfo.InvariantCulture, $$"""{"num_rows": {{row.GetInt64(4)}}}"""),
        row.GetString(5) is { Length: > 0 } context ? new Dictionary<string, string> { [ContextTag] = context } : new Dictionary<string, string>())
    {
        Content = new DatasetContent(row.GetString(2), row.GetInt64(4)),
    };

    private static KeyValuePair<string, string> Pair(DbDataReader row) => new(row.GetString(1), row.GetString(2));
}
