using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Metric values of one call.</summary>
internal sealed class MetricsWrite(MetricsMerger merger, string runId, IReadOnlyList<LoggedValue> values, CancellationToken cancellationToken)
    : PendingWrite<bool>(cancellationToken)
{
    public override IWriteMerger Merger => merger;

    public string RunId => runId;

    public IReadOnlyList<LoggedValue> Values => values;

    protected override async ValueTask<bool> WorkAsync(SqlSession session)
    {
        await merger.RunAsync(session, [this]);
        return true;
    }
}

/// <summary>Writes the metrics of all calls that wait as if they were one: the database is asked as often for a hundred calls as for one.</summary>
internal sealed class MetricsMerger(MetricKeys keys) : IWriteMerger
{
    public async ValueTask RunAsync(SqlSession session, IReadOnlyList<PendingWrite> writes)
    {
        var calls = writes.Cast<MetricsWrite>().ToList();
        var runs = await RunKeys.FindAsync(session, [.. calls.Select(call => call.RunId).Distinct()]);
        var accepted = new List<RunValues>(calls.Count);
        foreach (var call in calls)
        {
            if (!runs.TryGetValue(call.RunId, out var run))
            {
                call.Fail(RefusedException.RunNotFound(call.RunId));
            }
            else if (run.IsDeleted)
            {
                call.Fail(RefusedException.RunNotActive(call.RunId));
            }
            else
            {
                accepted.Add(new RunValues(run.Key, call.Values));
            }
        }

        await MetricWriter.WriteAsync(session, keys, accepted);
    }
}
