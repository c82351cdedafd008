using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Segments;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>Looks for windows that are due whenever rows, labels or references came, and gathers batches into segments.</summary>
internal sealed partial class EvaluationWorker(IServiceScopeFactory scopes, EvaluationSignal signal, TimeProvider time, ILogger<EvaluationWorker> logger) : BackgroundService
{
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(10);

    /// <summary>Rows come in bursts: one look serves many of them.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await EvaluateOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.LookFailed(logger, exception.Message);
            }

            await signal.WaitAsync(SlowLook, stoppingToken);
            await Task.Delay(Breath, time, stoppingToken);
        }
    }

    internal async Task EvaluateOnceAsync(CancellationToken cancellationToken)
    {
        List<string> endpoints;
        await using (var scope = scopes.CreateAsyncScope())
        {
            endpoints = await scope.ServiceProvider.GetRequiredService<MonitoringDbContext>().Subjects.AsNoTracking()
                .Select(subject => subject.Endpoint).ToListAsync(cancellationToken);
        }

        foreach (var endpoint in endpoints)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<WindowEvaluator>().EvaluateAsync(endpoint, cancellationToken);
                await GatherAsync(scope.ServiceProvider, endpoint, cancellationToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(cancellationToken))
            {
                // One subject's trouble is its own; the next look tries again.
                Log.EvaluationFailed(logger, endpoint, exception);
            }
        }
    }

    private static async Task GatherAsync(IServiceProvider services, string endpoint, CancellationToken cancellationToken)
    {
        var subject = await services.GetRequiredService<MonitoringDbContext>().Subjects.AsNoTracking().FirstAsync(known => known.Endpoint == endpoint, cancellationToken);
        var gatherer = services.GetRequiredService<SegmentGatherer>();
        while (await gatherer.GatherOnceAsync(subject.ToProto(), cancellationToken))
        {
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5302, LogLevel.Warning, "Windows could not be looked for now; it is tried again. {Cause}")]
        public static partial void LookFailed(ILogger logger, string cause);

        [LoggerMessage(5301, LogLevel.Warning, "Windows of {Endpoint} could not be evaluated now; they are tried again.")]
        public static partial void EvaluationFailed(ILogger logger, string endpoint, Exception exception);
    }
}
