using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>Keeps the latest value of each metric of a logged model, by dataset and run.</summary>
internal static class ModelMetrics
{
    public static async ValueTask WriteAsync(SqlSession session, string runId, ModelMetric metric)
    {
        var value = metric.Value;
        await session.DeferAsync(
            """
            INSERT INTO logged_model_metrics (model_id, name, dataset_name, dataset_digest, run_id, step, time_ms, value, is_nan)
            VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8)
            ON CONFLICT (model_id, name, dataset_name, dataset_digest, run_id) DO UPDATE
            SET step = excluded.step, time_ms = excluded.time_ms, value = excluded.value, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.time_ms, excluded.value) >= (logged_model_metrics.step, logged_model_metrics.time_ms, logged_model_metrics.value)
            """,
            metric.ModelId, value.Key, metric.DatasetName, metric.DatasetDigest, runId, value.Step, value.TimeMs, value.StoredValue, double.IsNaN(value.Value));
    }
}
