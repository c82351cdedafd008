using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Messaging.Outbox;

/// <summary>Puts events beside the change they tell of.</summary>
public static class OutboxExtensions
{
    /// <summary>Adds an event to the context; it leaves for the bus after the context's changes are committed, and only then.</summary>
    public static void PublishOnSave<TEvent>(this DbContext context, TEvent message, TimeProvider time) where TEvent : class =>
        context.Add(new OutboxMessage
        {
            MessageId = Guid.CreateVersion7(),
            EventName = EventTypes.NameOf(typeof(TEvent)),
            Body = JsonSerializer.Serialize(message),
            TraceParent = Activity.Current?.Id,
            CreatedAt = time.GetUtcNow(),
        });
}
