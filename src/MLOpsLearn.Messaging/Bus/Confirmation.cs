namespace MLOpsLearn.Messaging.Bus;

/// <summary>
/// The wait for the broker's word that it has a message. One that was under way when the connection broke may never come: then the message is
/// published again, and whoever gets it twice knows it by its id.
/// </summary>
public static class Confirmation
{
    /// <summary>Longest wait for one message.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <exception cref="TimeoutException">No word came within <see cref="Patience"/>; the broker may have the message all the same.</exception>
    public static async Task AwaitAsync(Func<CancellationToken, Task> publish, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publish);
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await publish(given.Token).WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            await given.CancelAsync();
            throw new TimeoutException($"The broker did not confirm the message within {Patience.TotalSeconds:0} s.", exception);
        }
    }
}
