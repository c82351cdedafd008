using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>What the databases of all modules have in common.</summary>
public static class ModuleModel
{
    /// <summary>Maps outbox, inbox and idempotent replies. Call it from <c>OnModelCreating</c>.</summary>
    public static void AddMessaging(this ModelBuilder model)
    {
        model.Entity<OutboxMessage>(entity =>
        {
            entity.ToTable("outbox");
            entity.HasKey(message => message.Sequence);
            entity.Property(message => message.Sequence).ValueGeneratedOnAdd();
            entity.Property(message => message.EventName).HasMaxLength(200);
            entity.Property(message => message.TraceParent).HasMaxLength(100);
        });
        model.Entity<InboxEntry>(entity =>
        {
            entity.ToTable("inbox");
            entity.HasKey(entry => new { entry.Consumer, entry.MessageId });
            entity.Property(entry => entry.Consumer).HasMaxLength(100);
            entity.HasIndex(entry => entry.HandledAt);
        });
        model.Entity<IdempotentReply>(entity =>
        {
            entity.ToTable("idempotent_replies");
            entity.HasKey(reply => new { reply.Method, reply.RequestId });
            entity.Property(reply => reply.Method).HasMaxLength(200);
            entity.HasIndex(reply => reply.ExpiresAt);
        });
    }

    /// <summary>Stores every moment as ticks of UTC, which sort alike in SQLite and PostgreSQL. Call it from <c>ConfigureConventions</c>.</summary>
    public static void StoreMomentsAsTicks(this ModelConfigurationBuilder configuration) =>
        configuration.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();

    private sealed class UtcTicksConverter()
        : ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
