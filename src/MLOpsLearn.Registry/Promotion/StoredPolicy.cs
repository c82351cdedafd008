using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>One revision of a model's promotion policy; revisions are kept, since evaluations refer to them.</summary>
internal sealed class StoredPolicy
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Revision { get; init; }

    public required string Alias { get; init; }

    public required string Metric { get; init; }

    public required double MinImprovement { get; init; }

    public required long MinRows { get; init; }

    public required bool RequireDataQuality { get; init; }

    /// <summary>0 when the policy does not ask for significance.</summary>
    public double MaxPValue { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool SaysTheSameAs(PromotionPolicy policy) =>
        Alias == policy.Alias && Metric == policy.Metric && MinImprovement.Equals(policy.MinImprovement)
        && MinRows == policy.MinRows && RequireDataQuality == policy.RequireDataQuality && MaxPValue.Equals(policy.MaxPValue);

    public PromotionPolicy ToProto() => new()
    {
        Model = Model,
        Revision = Revision,
        Alias = Alias,
        Metric = Metric,
        MinImprovement = MinImprovement,
        MinRows = MinRows,
        RequireDataQuality = RequireDataQuality,
        MaxPValue = MaxPValue,
        CreateTime = CreatedAt.ToTimestamp(),
    };
}

internal sealed class StoredPolicyConfiguration : IEntityTypeConfiguration<StoredPolicy>
{
    public void Configure(EntityTypeBuilder<StoredPolicy> builder)
    {
        builder.ToTable("promotion_policies");
        builder.HasKey(policy => new { policy.Workspace, policy.Model, policy.Revision });
        builder.Property(policy => policy.Workspace).HasMaxLength(100);
        builder.Property(policy => policy.Model).HasMaxLength(ModelNames.MaxLength);
        builder.Property(policy => policy.Alias).HasMaxLength(100);
        builder.Property(policy => policy.Metric).HasMaxLength(20);
    }
}
