using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>One event on its way to one webhook, or its history once it is there. Written in the transaction of the change that it tells of.</summary>
internal sealed class WebhookDelivery
{
    /// <summary>A UUIDv7: sorts by time, and is the id that the receiver sees.</summary>
    public required string Id { get; init; }

    public required string Workspace { get; init; }

    public required string WebhookId { get; init; }

    /// <summary>For example "MODEL_VERSION.CREATED".</summary>
    public required string Event { get; init; }

    /// <summary>The JSON that is sent.</summary>
    public required string Body { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DeliveryState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>When the next call is due. Whoever moves it from the value that he saw makes the call.</summary>
    public required DateTimeOffset NextAttemptAt { get; set; }

    /// <summary>Status of the last answer; null when none came.</summary>
    public int? ResponseStatus { get; set; }

    public string? Error { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}

internal enum DeliveryState
{
    Pending = 0,
    Delivered = 1,
    Failed = 2,
}

internal sealed class WebhookDeliveryConfiguration : IEntityTypeConfiguration<WebhookDelivery>
{
    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.ToTable("webhook_deliveries");
        builder.HasKey(delivery => delivery.Id);
        builder.Property(delivery => delivery.Id).HasMaxLength(36);
        builder.Property(delivery => delivery.Workspace).HasMaxLength(100);
        builder.Property(delivery => delivery.WebhookId).HasMaxLength(36);
        builder.Property(delivery => delivery.Event).HasMaxLength(60);
        builder.Property(delivery => delivery.Error).HasMaxLength(500);
        builder.HasIndex(delivery => new { delivery.State, delivery.NextAttemptAt });
        builder.HasIndex(delivery => new { delivery.WebhookId, delivery.Id });
    }
}
