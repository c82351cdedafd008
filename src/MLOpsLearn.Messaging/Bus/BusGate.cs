namespace MLOpsLearn.Messaging.Bus;

/// <summary>Opens when every queue exists that an event may go to. Whoever publishes waits for it, so that no event meets an exchange without queues.</summary>
public sealed class BusGate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Until it is open; at once afterwards.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _open.Task.IsCompleted ? Task.CompletedTask : _open.Task.WaitAsync(cancellationToken);

    internal void Open() => _open.TrySetResult();
}
