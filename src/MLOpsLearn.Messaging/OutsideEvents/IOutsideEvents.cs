using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Messaging.OutsideEvents;

/// <summary>Tells outsiders what the services tell each other.</summary>
internal interface IOutsideEvents
{
    /// <param name="message">The event as the outbox holds it.</param>
    /// <param name="body">The event.</param>
    /// <param name="traceParent">W3C trace parent of the change.</param>
    /// <param name="cancellationToken">Gives up; the outbox tries again.</param>
    Task PublishAsync(OutboxMessage message, object body, string? traceParent, CancellationToken cancellationToken);
}

/// <summary>Without a broker there is no door for outsiders.</summary>
internal sealed class NoOutsideEvents : IOutsideEvents
{
    public Task PublishAsync(OutboxMessage message, object body, string? traceParent, CancellationToken cancellationToken) => Task.CompletedTask;
}
