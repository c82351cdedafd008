namespace MLOpsLearn.Training.Retraining;

/// <summary>Says that waiting decisions should be looked at again before their time.</summary>
internal sealed class ReconcileSignal
{
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => Volatile.Read(ref _asked).TrySetResult();

    public async Task WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Volatile.Read(ref _asked).Task.WaitAsync(timeout, time, cancellationToken);
            Interlocked.Exchange(ref _asked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        catch (TimeoutException)
        {
            // Its time has come anyway.
        }
    }
}
