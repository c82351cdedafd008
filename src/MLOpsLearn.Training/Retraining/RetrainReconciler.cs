using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Training.Retraining;

/// <summary>Asks monitoring for the alerts that fire: finds those whose event was lost, and looks again at decisions that wait.</summary>
internal sealed partial class RetrainReconciler(
    IServiceScopeFactory scopes,
    Monitoring.MonitoringClient monitoring,
    IHostApplicationLifetime lifetime,
    ReconcileSignal signal,
    IOptions<TrainingOptions> options,
    TimeProvider time,
    ILogger<RetrainReconciler> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await lifetime.WaitForStartAsync(stoppingToken);
        while (true)
        {
            try
            {
                await ReconcileOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.NotReconciled(logger, exception.Message);
            }

            await signal.WaitAsync(options.Value.ReconcileInterval, time, stoppingToken);
        }
    }

    internal async Task ReconcileOnceAsync(CancellationToken cancellationToken)
    {
        var request = new ListAlertsRequest { State = AlertState.Firing, PageSize = 100 };
        do
        {
            var page = await monitoring.ListAlertsAsync(
                request, deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancellationToken);
            foreach (var alert in page.Alerts.Select(AlertSignal.From).OfType<AlertSignal>())
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<RetrainDecider>().DecideAsync(alert, cancellationToken);
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    private static partial class Log
    {
        [LoggerMessage(4211, LogLevel.Warning, "Firing alerts could not be looked at: {Reason}")]
        public static partial void NotReconciled(ILogger logger, string reason);
    }
}
