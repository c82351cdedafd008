using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Logs to a run: everything in one call, or nothing of it.</summary>
internal sealed class RunLog(TrackingDbContext context, RunCatalog runs, TimeProvider time)
{
    public async Task WriteAsync(LogBatchRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var run = await runs.FindAsync(request.RunId, cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await AddParamsAsync(run.Key, request, cancellationToken);
        await SetTagsAsync(run.Key, request, cancellationToken);
        await AddDatasetsAsync(run.Key, request, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
        await MetricWriter.WriteAsync(context, run.Key, request.Metrics, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static void Check(LogBatchRequest request)
    {
        var checks = new FieldChecks()
            .Require(request.Metrics.Count <= 1000, "metrics", request.Metrics.Count, "must have at most 1,000 entries")
            .Require(request.Datasets.Count <= 100, "datasets", request.Datasets.Count, "must have at most 100 entries")
            .Tags("tags", request.Tags)
            .Tags("params", request.Params);
        for (var i = 0; i < request.Metrics.Count; i++)
        {
            var metric = request.Metrics[i];
            if (metric.Key.Length is 0 or > 250 || metric.Key.Any(char.IsControl))
            {
                checks.Text($"metrics[{i}].key", metric.Key, 250).Require(!metric.Key.Any(char.IsControl), $"metrics[{i}].key", metric.Key, "must not contain control characters");
            }

            checks.Require(metric.Time is null || RunCatalog.IsMoment(metric.Time), $"metrics[{i}].time", metric.Time, "must be a moment from year 1 to 9999");
        }

        for (var i = 0; i < request.Datasets.Count; i++)
        {
            var dataset = request.Datasets[i];
            checks.Text($"datasets[{i}].name", dataset.Name, 500)
                .Require(dataset.Sha256.Length == 64 && dataset.Sha256.All(char.IsAsciiHexDigitLower), $"datasets[{i}].sha256", dataset.Sha256, "must be 64 lower-case hexadecimal digits")
                .Text($"datasets[{i}].source", dataset.Source, 8000, required: false)
                .Text($"datasets[{i}].context", dataset.Context, 100, required: false)
                .Range($"datasets[{i}].rows", dataset.Rows, 0, long.MaxValue);
        }

        checks.ThrowIfAny();
    }

    private async Task AddParamsAsync(long runKey, LogBatchRequest request, CancellationToken cancellationToken)
    {
        if (request.Params.Count == 0)
        {
            return;
        }

        var names = request.Params.Keys.ToList();
        var known = await context.Params.AsNoTracking().Where(param => param.RunKey == runKey && names.Contains(param.Name))
            .ToDictionaryAsync(param => param.Name, param => param.Value, cancellationToken);
        var checks = new FieldChecks();
        foreach (var (name, value) in request.Params)
        {
            if (!known.TryGetValue(name, out var before))
            {
                context.Params.Add(new RunParam { RunKey = runKey, Name = name, Value = value });
            }
            else if (before != value)
            {
                checks.Fault($"params[{name}]", value, $"must stay '{before}': a param is set once");
            }
        }

        checks.ThrowIfAny();
    }

    private async Task SetTagsAsync(long runKey, LogBatchRequest request, CancellationToken cancellationToken)
    {
        if (request.Tags.Count == 0)
        {
            return;
        }

        var names = request.Tags.Keys.ToList();
        var known = await context.Tags.Where(tag => tag.RunKey == runKey && names.Contains(tag.Name))
            .ToDictionaryAsync(tag => tag.Name, cancellationToken);
        foreach (var (name, value) in request.Tags)
        {
            if (known.TryGetValue(name, out var tag))
            {
                tag.Value = value;
            }
            else
            {
                context.Tags.Add(new RunTag { RunKey = runKey, Name = name, Value = value });
            }
        }
    }

    private async Task AddDatasetsAsync(long runKey, LogBatchRequest request, CancellationToken cancellationToken)
    {
        if (request.Datasets.Count == 0)
        {
            return;
        }

        var known = (await context.Datasets.AsNoTracking().Where(dataset => dataset.RunKey == runKey).ToListAsync(cancellationToken))
            .Select(dataset => (dataset.Name, dataset.Sha256, dataset.Context)).ToHashSet();
        foreach (var dataset in request.Datasets.Where(dataset => known.Add((dataset.Name, dataset.Sha256, dataset.Context))))
        {
            context.Datasets.Add(new RunDataset
            {
                RunKey = runKey,
                Name = dataset.Name,
                Sha256 = dataset.Sha256,
                Context = dataset.Context,
                Source = dataset.Source,
                Rows = dataset.Rows,
            });
        }
    }
}
