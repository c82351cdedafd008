using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Training;

/// <summary>Lets a background loop begin when the host takes calls: its own calls, and those of its workers, may come back to this very host.</summary>
internal static class HostStart
{
    public static async Task WaitForStartAsync(this IHostApplicationLifetime lifetime, CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onStarted = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
        await using var onStopping = stoppingToken.Register(() => started.TrySetCanceled(stoppingToken));
        await started.Task;
    }
}
