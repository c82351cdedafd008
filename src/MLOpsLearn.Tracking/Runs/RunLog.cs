using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Logs to a run: everything in one call, or nothing of it. The same call again changes nothing.</summary>
internal sealed class RunLog(TrackingDbContext context, RunCatalog runs, MetricKeys metricKeys, TimeProvider time)
{
    private const int MostShown = 80;

    public async Task WriteAsync(LogBatchRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        LogBatchChecks.ThrowIfBroken(request);
        var run = await runs.FindAsync(request.RunId, cancellationToken);
        var now = time.GetUtcNow();
        var values = request.Metrics.Select(metric => LoggedValue.Of(metric, now)).ToList();
        var numbers = await metricKeys.NumberAsync(context, values.Select(value => value.Key), cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await AddParamsAsync(run.Key, request.Params, cancellationToken);
        await ManyRows.InsertAsync(
            context,
            "tags (run_key, name, value)",
            "(run_key, name) DO UPDATE SET value = excluded.value",
            Rows(run.Key, request.Tags),
            cancellationToken);
        await AddDatasetsAsync(run.Key, request.Datasets, cancellationToken);
        await MetricWriter.WriteAsync(context, run.Key, values, numbers, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        TrackingTelemetry.Logged(values.Count, time.GetElapsedTime(started));
    }

    private async Task AddParamsAsync(long runKey, IDictionary<string, string> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            return;
        }

        // Written first and compared then: of two writers with different values, the second always sees what the first wrote.
        await ManyRows.InsertAsync(context, "params (run_key, name, value)", "DO NOTHING", Rows(runKey, items), cancellationToken);
        var names = items.Keys.ToList();
        var stored = await context.Params.AsNoTracking().Where(param => param.RunKey == runKey && names.Contains(param.Name)).ToListAsync(cancellationToken);
        var checks = new FieldChecks();
        foreach (var param in stored.Where(param => items[param.Name] != param.Value))
        {
            checks.Fault($"params[{Shorten(param.Name)}]", items[param.Name], $"must stay '{Shorten(param.Value)}': a param is set once");
        }

        checks.ThrowIfAny();
    }

    private Task AddDatasetsAsync(long runKey, IEnumerable<Dataset> datasets, CancellationToken cancellationToken) => ManyRows.InsertAsync(
        context,
        """datasets ("RunKey", "Name", "Sha256", "Context", "Source", "Rows")""",
        "DO NOTHING",
        [.. datasets
            .OrderBy(item => item.Name, StringComparer.Ordinal).ThenBy(item => item.Sha256, StringComparer.Ordinal).ThenBy(item => item.Context, StringComparer.Ordinal)
            .Select(item => new object[] { runKey, item.Name, item.Sha256, item.Context, item.Source, item.Rows })],
        cancellationToken);

    private static object[][] Rows(long runKey, IDictionary<string, string> items) =>
        [.. items.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => new object[] { runKey, item.Key, item.Value })];

    // An error travels in a header, which has no room for whole values.
    private static string Shorten(string text) => text.Length <= MostShown ? text : text[..MostShown] + "…";
}
