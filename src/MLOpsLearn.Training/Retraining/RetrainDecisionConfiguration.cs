using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Training.Retraining;

internal sealed class RetrainDecisionConfiguration : IEntityTypeConfiguration<RetrainDecision>
{
    public void Configure(EntityTypeBuilder<RetrainDecision> entity)
    {
        entity.ToTable("decisions");
        entity.HasKey(decision => decision.Id);
        entity.Property(decision => decision.Id).HasMaxLength(36);
        entity.Property(decision => decision.Workspace).HasMaxLength(200);
        entity.Property(decision => decision.Pipeline).HasMaxLength(200);
        entity.Property(decision => decision.Model).HasMaxLength(200);
        entity.Property(decision => decision.Action).HasMaxLength(20);
        entity.Property(decision => decision.JobId).HasMaxLength(36);
        entity.Property(decision => decision.AlertId).HasMaxLength(200);
        entity.ComplexProperty(decision => decision.Trigger, trigger =>
        {
            trigger.Property(value => value.Kind).HasColumnName("TriggerKind").HasMaxLength(20);
            trigger.Property(value => value.Id).HasColumnName("TriggerId").HasMaxLength(200);
            trigger.Property(value => value.Reason).HasColumnName("TriggerReason");
            trigger.Property(value => value.Time).HasColumnName("TriggerTime");
            trigger.Property(value => value.StoredTime).HasColumnName("TriggerStoredTime");
        });
        entity.Property(decision => decision.Facts).HasConversion(
            facts => JsonSerializer.Serialize(facts, TrainingJsonContext.Default.IReadOnlyDictionaryStringString),
            text => JsonSerializer.Deserialize(text, TrainingJsonContext.Default.IReadOnlyDictionaryStringString)!,
            new ValueComparer<IReadOnlyDictionary<string, string>>(
                (left, right) => ReferenceEquals(left, right), facts => facts.Count, facts => facts));
        // One decision for each transition of an alert, however often its event comes.
        entity.HasIndex(decision => new { decision.Workspace, decision.AlertId, decision.Sequence, decision.Pipeline }).IsUnique();
        entity.HasIndex(decision => decision.IsOpen);
    }
}
