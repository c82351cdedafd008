using System.Text.Json;
using System.Text.Json.Nodes;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Logs to a run: everything in one call, or nothing of it. The same call again changes nothing.</summary>
internal sealed class RunLog(WriteQueue queue, MetricKeys metricKeys, TimeProvider time)
{
    /// <summary>The tag that is the run's name for MLflow's clients.</summary>
    public const string NameTag = "mlflow.runName";

    private const string ModelsTag = "mlflow.log-model.history";

    private const string UpsertTag = "INSERT INTO tags (run_key, name, value) VALUES (@p0, @p1, @p2) ON CONFLICT (run_key, name) DO UPDATE SET value = excluded.value";

    private readonly MetricsMerger _merger = new(metricKeys);

    /// <exception cref="RefusedException">No such run, one that is deleted, or a param that has another value.</exception>
    public async Task WriteAsync(string runId, RunBatch batch, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        await (batch.IsMetricsOnly
            ? queue.RunAsync(new MetricsWrite(_merger, runId, batch.Metrics, cancellationToken), cancellationToken)
            : queue.RunAsync(session => WriteAsync(session, runId, batch), cancellationToken));
        TrackingTelemetry.Logged(batch.Metrics.Count, time.GetElapsedTime(started));
    }

    /// <summary>Adds what MLflow 2 writes of a model to the list in the run's tag.</summary>
    /// <exception cref="RefusedException">No such run, or it is deleted.</exception>
    public Task AddModelAsync(string runId, JsonElement model, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.ActiveAsync(session, runId);
            var list = await session.FirstAsync(
                "SELECT value FROM tags WHERE run_key = @p0 AND name = @p1", static row => row.GetString(0), run.Key, ModelsTag);
            var models = list is null ? [] : JsonNode.Parse(list) as JsonArray ?? [];
            models.Add((JsonNode?)JsonNode.Parse(model.GetRawText()));
            await SetTagAsync(session, run.Key, ModelsTag, models.ToJsonString());
            return true;
        },
        cancellationToken);

    /// <summary>Sets one tag inside somebody's transaction.</summary>
    public static async ValueTask SetTagAsync(SqlSession session, long runKey, string name, string value)
    {
        await session.DeferAsync(UpsertTag, runKey, name, value);
        if (name == NameTag)
        {
            await session.DeferAsync("UPDATE runs SET name = @p1 WHERE run_key = @p0", runKey, value);
        }
    }

    private async ValueTask<bool> WriteAsync(SqlSession session, string runId, RunBatch batch)
    {
        var run = await RunKeys.ActiveAsync(session, runId);
        await RunParams.AddAsync(session, run.Key, runId, batch.Params);
        await MetricWriter.WriteAsync(session, metricKeys, [new RunValues(run.Key, batch.Metrics)]);
        foreach (var metric in batch.ModelMetrics)
        {
            await ModelMetrics.WriteAsync(session, runId, metric);
        }

        foreach (var (name, value) in batch.Tags)
        {
            await SetTagAsync(session, run.Key, name, value);
        }

        foreach (var dataset in batch.Datasets)
        {
            await session.DeferAsync(
                """INSERT INTO datasets ("RunKey", "Name", "Sha256", "Context", "Source", "Rows") VALUES (@p0, @p1, @p2, @p3, @p4, @p5) ON CONFLICT DO NOTHING""",
                run.Key, dataset.Name, dataset.Sha256, dataset.Context, dataset.Source, dataset.Rows);
        }

        return true;
    }
}
