using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Clears what an earlier process had begun to receive when it died.</summary>
internal sealed partial class AbandonedUploads(ArtifactStore store, ILogger<AbandonedUploads> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (store.RemoveAbandoned() is > 0 and var removed)
        {
            Log.Removed(logger, removed);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Removed {Count} uploads that were never finished.")]
        public static partial void Removed(ILogger logger, int count);
    }
}
