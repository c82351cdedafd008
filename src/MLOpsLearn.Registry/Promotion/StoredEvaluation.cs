using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>An evaluation with every number that it used; it never changes.</summary>
internal sealed class StoredEvaluation
{
    /// <summary>A UUIDv7, so ids sort by time.</summary>
    public required string Id { get; init; }

    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required Verdict Verdict { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The whole evaluation in the contract's binary form, which holds every double as it is, NaN included.</summary>
    public required byte[] Body { get; init; }

    public Evaluation ToProto()
    {
        var evaluation = Evaluation.Parser.ParseFrom(Body);
        // The model may have another name by now.
        evaluation.Model = Model;
        return evaluation;
    }
}

internal sealed class StoredEvaluationConfiguration : IEntityTypeConfiguration<StoredEvaluation>
{
    public void Configure(EntityTypeBuilder<StoredEvaluation> builder)
    {
        builder.ToTable("evaluations");
        builder.HasKey(evaluation => evaluation.Id);
        builder.Property(evaluation => evaluation.Id).HasMaxLength(36);
        builder.Property(evaluation => evaluation.Workspace).HasMaxLength(100);
        builder.Property(evaluation => evaluation.Model).HasMaxLength(ModelNames.MaxLength);
        builder.HasIndex(evaluation => new { evaluation.Workspace, evaluation.Model, evaluation.Id });
        builder.HasIndex(evaluation => new { evaluation.Workspace, evaluation.Model, evaluation.Version, evaluation.Id });
    }
}
