namespace MLOpsLearn.Training.Jobs;

/// <summary>Wakes the runner when a job was put into the queue, so that it doesn't wait for the runner's timer.</summary>
internal sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim _queued = new(0);

    public void Set() => _queued.Release();

    public Task WaitAsync(TimeSpan longest, CancellationToken cancellationToken) => _queued.WaitAsync(longest, cancellationToken);

    public void Dispose() => _queued.Dispose();
}
