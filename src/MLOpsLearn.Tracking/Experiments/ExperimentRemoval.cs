using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Retention;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>
/// Removes an experiment for good, with its runs and all that belongs to them, and frees its name. The contents of artifacts stay in the
/// store until it is cleaned.
/// </summary>
internal sealed class ExperimentRemoval(WriteQueue queue, ExperimentLife life, RegisteredRuns registered)
{
    // Others write between two pieces.
    private const int RunsPerPiece = 50;

    private const int MostNamed = 10;

    private static readonly string[] OfAnExperiment =
    [
        "DELETE FROM logged_model_texts WHERE model_id IN (SELECT model_id FROM logged_models WHERE experiment_id = @p0)",
        "DELETE FROM logged_model_metrics WHERE model_id IN (SELECT model_id FROM logged_models WHERE experiment_id = @p0)",
        "DELETE FROM trace_texts WHERE trace_id IN (SELECT trace_id FROM traces WHERE experiment_id = @p0)", "DELETE FROM traces WHERE experiment_id = @p0",
        "DELETE FROM logged_models WHERE experiment_id = @p0", "DELETE FROM input_datasets WHERE experiment_id = @p0",
        "DELETE FROM experiment_tags WHERE experiment_id = @p0", "DELETE FROM experiments WHERE id = @p0",
    ];

    /// <summary>The same for somebody who asks for it: not while versions of registered models come from it.</summary>
    /// <exception cref="RefusedException">No such experiment, the default one, or one that versions came from.</exception>
    public async Task RemoveUnusedAsync(long id, CancellationToken cancellationToken)
    {
        if (id != 0 && await registered.OfExperimentAsync(id, cancellationToken) is { Count: > 0 } versions)
        {
            var named = string.Join(", ", versions.Take(MostNamed)) + (versions.Count > MostNamed ? $" and {versions.Count - MostNamed} more" : "");
            throw new RefusedException(
                Refusal.InUse, "experiment", $"{id}", $"Experiment {id} can't be removed for good: versions of registered models came from its runs ({named}). Delete these versions first.");
        }

        await RemoveAsync(id, cancellationToken);
    }

    /// <summary>What is interrupted leaves a deleted experiment, and is continued by the same call.</summary>
    /// <exception cref="RefusedException">No such experiment, or the default one.</exception>
    public async Task RemoveAsync(long id, CancellationToken cancellationToken)
    {
        if (id == 0)
        {
            throw new RefusedException(Refusal.Invalid, "experiment", "0", "The experiment 0, which runs go to when nothing else is said, can't be removed for good.");
        }

        // Nothing is added to it from here on.
        await life.EnsureDeletedAsync(id, cancellationToken);
        while (await queue.RunAsync(session => RemoveRunsAsync(session, id), cancellationToken) == RunsPerPiece)
        {
        }

        await queue.RunAsync(
            async session =>
            {
                await session.ExecuteAsync("""DELETE FROM artifacts WHERE "RunKey" = 0 AND "Path" > @p0 AND "Path" < @p1""", $"{id}/", $"{id}0");
                foreach (var statement in OfAnExperiment)
                {
                    await session.ExecuteAsync(statement, id);
                }

                return true;
            },
            cancellationToken);
    }

    private static async ValueTask<int> RemoveRunsAsync(SqlSession session, long id)
    {
        var runs = await session.QueryAsync($"SELECT run_key FROM runs WHERE experiment_id = @p0 LIMIT {RunsPerPiece}", static row => row.GetInt64(0), id);
        foreach (var run in runs)
        {
            await RunRemoval.RemoveAsync(session, run);
        }

        return runs.Count;
    }
}
