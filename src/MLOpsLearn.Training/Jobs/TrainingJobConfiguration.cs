using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Training.Jobs;

internal sealed class TrainingJobConfiguration : IEntityTypeConfiguration<TrainingJob>
{
    public void Configure(EntityTypeBuilder<TrainingJob> entity)
    {
        entity.ToTable("jobs");
        entity.HasKey(job => job.Id);
        entity.Property(job => job.Id).HasMaxLength(36);
        entity.Property(job => job.Workspace).HasMaxLength(200);
        entity.Property(job => job.Pipeline).HasMaxLength(200);
        entity.Property(job => job.Model).HasMaxLength(200);
        entity.Property(job => job.Revision).IsConcurrencyToken();
        entity.Property(job => job.LeaseOwner).HasMaxLength(200);
        entity.Property(job => job.RunId).HasMaxLength(32);
        entity.Property(job => job.EvaluationId).HasMaxLength(100);
        entity.Property(job => job.Outcome).HasMaxLength(20);
        entity.Property(job => job.TraceParent).HasMaxLength(100);
        entity.ComplexProperty(job => job.Trigger, trigger =>
        {
            trigger.Property(value => value.Kind).HasColumnName("TriggerKind").HasMaxLength(20);
            trigger.Property(value => value.Id).HasColumnName("TriggerId").HasMaxLength(200);
            trigger.Property(value => value.Reason).HasColumnName("TriggerReason");
            trigger.Property(value => value.Time).HasColumnName("TriggerTime");
            trigger.Property(value => value.StoredTime).HasColumnName("TriggerStoredTime");
        });
        entity.Property(job => job.Steps).HasConversion(
            steps => JsonSerializer.Serialize(steps, TrainingJsonContext.Default.IReadOnlyListStepEntry),
            text => JsonSerializer.Deserialize(text, TrainingJsonContext.Default.IReadOnlyListStepEntry)!,
            new ValueComparer<IReadOnlyList<StepEntry>>(
                (left, right) => ReferenceEquals(left, right) || (left != null && right != null && left.SequenceEqual(right)),
                steps => steps.Count,
                steps => steps));
        entity.HasIndex(job => new { job.State, job.Id });
        entity.HasIndex(job => new { job.Workspace, job.Pipeline, job.Id });
        entity.HasIndex(job => job.RunEndPending);
    }
}
