using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Clears, at the start and now and then, what an earlier process had begun to receive when it died, and uploads in parts that nobody goes on with.</summary>
internal sealed partial class AbandonedUploads(IObjectStore objects, MultipartUploads uploads, TimeProvider time, ILogger<AbandonedUploads> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var pause = Interval;
            try
            {
                if (await objects.RemoveAbandonedAsync(stoppingToken) + await uploads.RemoveOldAsync(stoppingToken) is > 0 and var removed)
                {
                    Log.Removed(logger, removed);
                }
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.NotNow(logger, exception.Message);
                pause = AfterFailure;
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "Removed {Count} uploads that were never finished.")]
        public static partial void Removed(ILogger logger, int count);

        [LoggerMessage(2004, LogLevel.Error, "Artifacts can be neither stored nor read now: {Reason}")]
        public static partial void NotNow(ILogger logger, string reason);
    }
}
