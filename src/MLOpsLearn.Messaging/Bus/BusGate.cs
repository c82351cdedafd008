namespace MLOpsLearn.Messaging.Bus;

/// <summary>
/// Open while every queue exists that an event may go to. Whoever publishes waits for it, so that no event meets an exchange without queues.
/// </summary>
public sealed class BusGate
{
    private TaskCompletionSource _open = New();

    /// <summary>Until it is open; at once while it is.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        var open = Volatile.Read(ref _open).Task;
        return open.IsCompleted ? Task.CompletedTask : open.WaitAsync(cancellationToken);
    }

    internal void Open() => Volatile.Read(ref _open).TrySetResult();

    /// <summary>Nothing when it is closed already: whoever waits would wait for what nobody opens any more. Its one caller is also its opener.</summary>
    internal void Close()
    {
        if (Volatile.Read(ref _open).Task.IsCompleted)
        {
            Volatile.Write(ref _open, New());
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
