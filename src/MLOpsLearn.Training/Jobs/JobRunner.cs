using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Takes jobs from the queue, so many at once as the options say; woken by the signal, and by a slow timer for what no signal tells.</summary>
internal sealed partial class JobRunner(
    IServiceScopeFactory scopes,
    JobSignal signal,
    JobExecution execution,
    IHostApplicationLifetime lifetime,
    IOptions<TrainingOptions> options,
    TimeProvider time,
    ILogger<JobRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan FallBackInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitForStartAsync(stoppingToken);
        // At the first word of stopping, not when this service's turn comes: the web server, which stops before, waits for the calls of the workers.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        stoppingToken = stopping.Token;
        await CleanUpAsync(stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, options.Value.MaxConcurrency).Select(_ => RunLaneAsync(stoppingToken)));
    }

    /// <summary>Runs the next job to its end; false when none waits.</summary>
    internal async Task<bool> RunNextAsync(CancellationToken cancellationToken)
    {
        ClaimedJob? claimed;
        await using (var scope = scopes.CreateAsyncScope())
        {
            claimed = await scope.ServiceProvider.GetRequiredService<JobQueue>().ClaimAsync(cancellationToken);
        }

        if (claimed is null)
        {
            return false;
        }

        await execution.RunAsync(claimed, cancellationToken);
        return true;
    }

    private async Task CleanUpAsync(CancellationToken stoppingToken)
    {
        try
        {
            await execution.CleanUpAsync(stoppingToken);
        }
        catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
        {
            // Old folders only take room: the next start finds them again.
            Log.NotCleanedUp(logger, exception.Message);
        }
    }

    private async Task RunLaneAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RunNextAsync(stoppingToken))
                {
                }

                await execution.EndRunsAsync(stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.LaneFailed(logger, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
            }

            await signal.WaitAsync(FallBackInterval, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4112, LogLevel.Warning, "Folders of former jobs could not be looked at: {Cause}")]
        public static partial void NotCleanedUp(ILogger logger, string cause);

        [LoggerMessage(4111, LogLevel.Error, "The job runner met a fault; its job is taken up again when its lease runs out.")]
        public static partial void LaneFailed(ILogger logger, Exception exception);
    }
}
