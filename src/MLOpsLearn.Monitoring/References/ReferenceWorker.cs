using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.References;

/// <summary>Asks which version each watched endpoint serves, and fetches its reference when it isn't in force.</summary>
internal sealed partial class ReferenceWorker(IServiceScopeFactory scopes, ReferenceKeeper keeper, TimeProvider time, ILogger<ReferenceWorker> logger) : BackgroundService
{
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(15);

    /// <summary>A hint may come before the owner shows what it tells of, and a look may fail: the next ones follow soon, then ever slower.</summary>
    private static readonly TimeSpan QuickLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = QuickLook;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                // The owners may be away; what is missing is fetched at one of the next looks.
                Log.LookFailed(logger, exception.Message);
            }

            var isHinted = await keeper.WaitAsync(pause, stoppingToken);
            pause = isHinted ? QuickLook : pause * 2 < SlowLook ? pause * 2 : SlowLook;
        }
    }

    internal async Task LookOnceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<MonitoringDbContext>();
        var inference = scope.ServiceProvider.GetRequiredService<Contracts.Inference.V1.Inference.InferenceClient>();
        var book = scope.ServiceProvider.GetRequiredService<ReferenceBook>();
        foreach (var subject in await context.Subjects.AsNoTracking().ToListAsync(cancellationToken))
        {
            try
            {
                var endpoint = await inference.GetEndpointAsync(
                    new GetEndpointRequest { Name = subject.Endpoint }, deadline: time.GetUtcNow().UtcDateTime + CallDeadline, cancellationToken: cancellationToken);
                if (endpoint.Version > 0)
                {
                    await book.EnsureServingAsync(subject.ToProto(), endpoint.Version, cancellationToken);
                }
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                // Served elsewhere: its references are put by hand.
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5201, LogLevel.Warning, "References could not be looked after now: {Reason}")]
        public static partial void LookFailed(ILogger logger, string reason);
    }
}
