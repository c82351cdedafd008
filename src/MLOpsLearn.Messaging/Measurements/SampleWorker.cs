using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Messaging.Measurements;

/// <summary>Takes every sample of the host in turn. A scrape reads what was recorded last, so that nobody's scraping costs a query.</summary>
internal sealed partial class SampleWorker(IServiceScopeFactory scopes, IEnumerable<SampleRegistration> samples, IEnumerable<Baseline> baselines, TimeProvider time, ILogger<SampleWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var baseline in baselines)
        {
            baseline.Record();
        }

        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            foreach (var sample in samples)
            {
                await TakeAsync(sample, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TakeAsync(SampleRegistration sample, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await ((ISample)scope.ServiceProvider.GetRequiredService(sample.Type)).TakeAsync(cancellationToken);
        }
        catch (Exception exception) when (!exception.IsCancellationBy(cancellationToken))
        {
            // The last value stays; whoever keeps the store tells of the trouble.
            Log.NotTaken(logger, sample.Type.Name, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1062, LogLevel.Debug, "{Sample} could not be taken now: {Cause}")]
        public static partial void NotTaken(ILogger logger, string sample, string cause);
    }
}

/// <summary>One sample of this host.</summary>
internal sealed record SampleRegistration(Type Type);

/// <summary>What is recorded once at the start.</summary>
internal sealed record Baseline(Action Record);

/// <summary>Lets modules have samples.</summary>
public static class Samples
{
    /// <summary>Records zeros of counters once telemetry is up: an alert on the growth of a counter needs to see where it began.</summary>
    public static IHostApplicationBuilder AddBaseline(this IHostApplicationBuilder builder, Action record)
    {
        builder.Services.AddSingleton(new Baseline(record));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SampleWorker>());
        return builder;
    }

    /// <summary>Takes <typeparamref name="TSample"/> every 10 s.</summary>
    public static IHostApplicationBuilder AddSample<TSample>(this IHostApplicationBuilder builder) where TSample : class, ISample
    {
        builder.Services.AddScoped<TSample>();
        builder.Services.AddSingleton(new SampleRegistration(typeof(TSample)));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SampleWorker>());
        return builder;
    }
}
