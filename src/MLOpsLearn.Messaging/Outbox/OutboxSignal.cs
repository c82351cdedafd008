namespace MLOpsLearn.Messaging.Outbox;

/// <summary>Wakes the dispatcher of one context when events were committed.</summary>
/// <typeparam name="TContext">The context that holds the outbox; keeps the modules of one process apart.</typeparam>
public sealed class OutboxSignal<TContext> : IDisposable
{
    private readonly SemaphoreSlim _committed = new(0, 1);

    /// <summary>Says that there is something to publish.</summary>
    public void Set()
    {
        try
        {
            _committed.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set: the dispatcher has yet to look, and will see everything.
        }
    }

    internal Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _committed.WaitAsync(timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _committed.Dispose();
}
