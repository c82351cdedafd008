using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace MLOpsLearn.Messaging.Inbox;

/// <summary>Makes a consumer's effect happen once, however often its message comes.</summary>
public static class InboxExtensions
{
    /// <summary>
    /// Marks the message as handled in the context, to be saved with the effect. False when it was handled before: then do nothing.
    /// Two deliveries at once meet at the key: the second fails to save and is delivered again.
    /// </summary>
    public static async Task<bool> TryBeginAsync(
        this DbContext context, string consumer, ConsumeContext message, TimeProvider time, CancellationToken cancellationToken)
    {
        var messageId = message.MessageId ?? throw new InvalidOperationException("A message without id can't be told from its repetition.");
        if (await context.Set<InboxEntry>().AnyAsync(
            entry => entry.Consumer == consumer && entry.MessageId == messageId, cancellationToken))
        {
            return false;
        }

        context.Add(new InboxEntry { Consumer = consumer, MessageId = messageId, HandledAt = time.GetUtcNow() });
        return true;
    }
}
