namespace MLOpsLearn.Contracts.Errors;

/// <summary>Tells an end that was asked for from a fault.</summary>
public static class Cancellations
{
    /// <summary>
    /// Whether work ended because <paramref name="cancellationToken"/> asked for it. A time-out of something else is a fault, and so is any other
    /// exception: one that a worker lets out while its host stops would make the host end with an error.
    /// </summary>
    public static bool IsCancellationBy(this Exception exception, CancellationToken cancellationToken) =>
        exception is OperationCanceledException && cancellationToken.IsCancellationRequested;
}
