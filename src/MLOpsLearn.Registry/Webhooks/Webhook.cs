using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>An address that is called when something happens in the registry.</summary>
internal sealed class Webhook
{
    public required string Id { get; init; }

    public required string Workspace { get; init; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    public required string Url { get; set; }

    /// <summary>Names of events, for example "MODEL_VERSION.CREATED", separated by commas.</summary>
    public required string Events { get; set; }

    /// <summary>Signs deliveries; null for none. It is never shown, and stored as <see cref="WebhookSecrets"/> makes it.</summary>
    public string? Secret { get; set; }

    /// <summary>False for a secret that a build before the encryption of secrets stored.</summary>
    public bool IsSecretProtected { get; set; }

    public required bool IsActive { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public IEnumerable<string> EventNames => Events.Split(',');
}

internal sealed class WebhookConfiguration : IEntityTypeConfiguration<Webhook>
{
    public void Configure(EntityTypeBuilder<Webhook> builder)
    {
        builder.ToTable("webhooks");
        builder.HasKey(webhook => webhook.Id);
        builder.Property(webhook => webhook.Id).HasMaxLength(36);
        builder.Property(webhook => webhook.Workspace).HasMaxLength(100);
        builder.Property(webhook => webhook.Name).HasMaxLength(63);
        builder.Property(webhook => webhook.IsSecretProtected).HasDefaultValue(false);
        builder.HasIndex(webhook => new { webhook.Workspace, webhook.IsActive });
    }
}
