using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Subjects;

/// <summary>An endpoint that is watched, with the counters of what came in for it.</summary>
internal sealed class WatchedSubject
{
    public required string Endpoint { get; init; }

    public required string Workspace { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The declaration in the contract's binary form.</summary>
    public required byte[] Declaration { get; set; }

    public long StoredRows { get; set; }

    public long StoredLabels { get; set; }

    public long DuplicateRows { get; set; }

    public long ConflictingRows { get; set; }

    public long TooLateRows { get; set; }

    /// <summary>Rows that the endpoint answered and could not send.</summary>
    public long LostRows { get; set; }

    /// <summary>Newest event or observation: the clock of this subject. The server has none of its own for events.</summary>
    public DateTimeOffset? Watermark { get; set; }

    /// <summary>End of the newest window whose monitors all ran.</summary>
    public DateTimeOffset? EvaluatedUntil { get; set; }

    public Subject ToProto()
    {
        var subject = Subject.Parser.ParseFrom(Declaration);
        subject.CreateTime = CreatedAt.ToTimestamp();
        return subject;
    }
}

internal sealed class WatchedSubjectConfiguration : IEntityTypeConfiguration<WatchedSubject>
{
    public void Configure(EntityTypeBuilder<WatchedSubject> builder)
    {
        builder.ToTable("subjects");
        builder.HasKey(subject => subject.Endpoint);
        builder.Property(subject => subject.Endpoint).HasMaxLength(63);
        builder.Property(subject => subject.Workspace).HasMaxLength(100);
    }
}
