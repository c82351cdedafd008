using System.Text.Json;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Datasets;

/// <summary>A dataset that an experiment knows, and what runs used it for.</summary>
internal readonly record struct DatasetSummary(long ExperimentId, string Name, string Digest, string? Context);

/// <summary>Logs which datasets and models a run took in and gave out.</summary>
internal sealed class DatasetLog(WriteQueue queue, TrackingDatabase database)
{
    private const int MostSummaries = 1000;

    /// <summary>Of a dataset that the run has already, what was said first stays.</summary>
    /// <exception cref="RefusedException">No such run, or it is deleted.</exception>
    public Task AddInputsAsync(string runId, IReadOnlyList<UsedDataset> datasets, IReadOnlyList<string> modelIds, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.ActiveAsync(session, runId);
            foreach (var dataset in datasets)
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO input_datasets (experiment_id, name, digest, source_type, source, schema, profile)
                    VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6) ON CONFLICT DO NOTHING
                    """,
                    run.ExperimentId, dataset.Name, dataset.Digest, dataset.SourceType, dataset.Source, dataset.Schema, dataset.Profile);
                await session.ExecuteAsync(
                    """
                    INSERT INTO dataset_inputs (run_key, dataset_id, context, tags_json)
                    SELECT @p0, id, @p4, @p5 FROM input_datasets WHERE experiment_id = @p1 AND name = @p2 AND digest = @p3 ON CONFLICT DO NOTHING
                    """,
                    run.Key, run.ExperimentId, dataset.Name, dataset.Digest,
                    dataset.Tags.GetValueOrDefault(RunReader.ContextTag), JsonSerializer.Serialize(dataset.Tags));
            }

            foreach (var modelId in modelIds)
            {
                await session.ExecuteAsync(
                    """
                    INSERT INTO run_models (run_key, is_output, model_id, step) SELECT @p0, @p1, @p2, 0
                    WHERE NOT EXISTS (SELECT 1 FROM run_models WHERE run_key = @p0 AND is_output = @p1 AND model_id = @p2)
                    """,
                    run.Key, false, modelId);
            }

            return true;
        },
        cancellationToken);

    /// <exception cref="RefusedException">No such run, or it is deleted.</exception>
    public Task AddOutputsAsync(string runId, IReadOnlyList<UsedModel> models, CancellationToken cancellationToken) => queue.RunAsync(
        async session =>
        {
            var run = await RunKeys.ActiveAsync(session, runId);
            foreach (var model in models)
            {
                await session.ExecuteAsync(
                    "INSERT INTO run_models (run_key, is_output, model_id, step) VALUES (@p0, @p1, @p2, @p3)", run.Key, true, model.ModelId, model.Step);
            }

            return true;
        },
        cancellationToken);

    /// <summary>The datasets of these experiments, each once for every context.</summary>
    public Task<List<DatasetSummary>> SummariesAsync(IReadOnlyCollection<long> experimentIds, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.QueryAsync(
            $"""
            SELECT DISTINCT d.experiment_id, d.name, d.digest, i.context FROM input_datasets AS d
            JOIN dataset_inputs AS i ON i.dataset_id = d.id JOIN runs AS r ON r.run_key = i.run_key
            WHERE r.deleted_ms IS NULL AND {session.Dialect.InNumbers("d.experiment_id", "@p0")}
            ORDER BY 1, 2, 3, 4 LIMIT {MostSummaries}
            """,
            static row => new DatasetSummary(row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)),
            session.Dialect.List(experimentIds)),
        cancellationToken);
}
