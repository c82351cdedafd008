using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Runtimes;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Brings stored endpoints up at the start, then follows their aliases: at once when told, and now and then in case nobody told.</summary>
internal sealed partial class EndpointRefresher(
    IServiceScopeFactory scopes, ModelLoader loader, AliasSignal signal, EndpointTable table, IOptions<InferenceOptions> options, TimeProvider time, ILogger<EndpointRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        loader.Prepare();
        while (!await TryAsync(() => ForEachAsync((activator, endpoint) => activator.RestoreAsync(endpoint, stoppingToken), stoppingToken), stoppingToken))
        {
            await Task.Delay(RetryPause, time, stoppingToken);
        }

        table.IsRestored = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            await signal.WaitAsync(TimeSpan.FromSeconds(options.Value.RefreshSeconds), stoppingToken);
            await TryAsync(() => FollowAsync(stoppingToken), stoppingToken);
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        // Taken before the rows are read: an endpoint that is created meanwhile is in neither, and stays.
        var present = table.Names.ToHashSet(StringComparer.Ordinal);
        var stored = await ForEachAsync((activator, endpoint) => activator.RefreshAsync(endpoint, stoppingToken), stoppingToken);
        foreach (var gone in present.Except(stored.Select(endpoint => endpoint.Name)))
        {
            table.Remove(gone);
        }
    }

    /// <summary>Our own database may be away; what answers goes on answering.</summary>
    private async Task<bool> TryAsync(Func<Task> look, CancellationToken stoppingToken)
    {
        try
        {
            await look();
            return true;
        }
        catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
        {
            Log.LookFailed(logger, exception.Message);
            return false;
        }
    }

    private async Task<List<ServingEndpoint>> ForEachAsync(Func<EndpointActivator, ServingEndpoint, Task> act, CancellationToken cancellationToken)
    {
        List<ServingEndpoint> endpoints;
        await using (var scope = scopes.CreateAsyncScope())
        {
            endpoints = await scope.ServiceProvider.GetRequiredService<InferenceDbContext>().Endpoints.AsNoTracking().ToListAsync(cancellationToken);
        }

        foreach (var endpoint in endpoints)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await act(scope.ServiceProvider.GetRequiredService<EndpointActivator>(), endpoint);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(cancellationToken))
            {
                // A call that is cancelled ends with a status.
                cancellationToken.ThrowIfCancellationRequested();
                // One endpoint's trouble is its own; it goes on answering with what it has.
                table.SetFault(endpoint.Name, exception.Message);
                Log.RefreshFailed(logger, endpoint.Name, exception);
            }
        }

        return endpoints;
    }

    private static partial class Log
    {
        [LoggerMessage(4102, LogLevel.Warning, "Endpoints could not be looked at now; it is tried again. {Cause}")]
        public static partial void LookFailed(ILogger logger, string cause);

        [LoggerMessage(4101, LogLevel.Warning, "Endpoint {Endpoint} could not follow its alias now; it is tried again.")]
        public static partial void RefreshFailed(ILogger logger, string endpoint, Exception exception);
    }
}
