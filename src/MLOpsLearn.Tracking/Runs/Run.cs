using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>One execution of something worth remembering.</summary>
internal sealed class Run
{
    /// <summary>Order of creation; what everything that belongs to a run refers to, being shorter than its id.</summary>
    public long Key { get; private set; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string RunId { get; init; }

    public required long ExperimentId { get; init; }

    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public RunStatus Status { get; private set; } = RunStatus.Running;

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The run without what was logged to it.</summary>
    public Contracts.Tracking.V1.Run ToProto() => new()
    {
        RunId = RunId,
        ExperimentId = ExperimentId,
        Name = Name,
        Status = Status,
        StartTime = StartedAt.ToTimestamp(),
        EndTime = EndedAt?.ToTimestamp(),
        Workspace = Workspace,
    };
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(run => run.Key);
        builder.Property(run => run.Key).HasColumnName("run_key").ValueGeneratedOnAdd();
        builder.Property(run => run.RunId).HasMaxLength(32).IsRequired();
        builder.Property(run => run.Name).HasMaxLength(500);
        builder.Property(run => run.Workspace).HasMaxLength(100);
        builder.HasIndex(run => run.RunId).IsUnique();
        builder.HasIndex(run => new { run.ExperimentId, run.Key });
    }
}
