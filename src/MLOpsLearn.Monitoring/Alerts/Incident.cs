using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Alerts;

/// <summary>An alert from firing to resolved, with everything that happened in between.</summary>
internal sealed class Incident
{
    /// <summary>A UUIDv7: ids sort by time.</summary>
    public required string Id { get; init; }

    public required string Endpoint { get; init; }

    public required string Monitor { get; init; }

    public required AlertState State { get; set; }

    /// <summary>The alert in the contract's binary form.</summary>
    public required byte[] Body { get; set; }

    public Alert ToProto() => Alert.Parser.ParseFrom(Body);
}

internal sealed class IncidentConfiguration : IEntityTypeConfiguration<Incident>
{
    public void Configure(EntityTypeBuilder<Incident> builder)
    {
        builder.ToTable("incidents");
        builder.HasKey(incident => incident.Id);
        builder.Property(incident => incident.Id).HasMaxLength(36);
        builder.Property(incident => incident.Endpoint).HasMaxLength(63);
        builder.Property(incident => incident.Monitor).HasMaxLength(63);
        builder.HasIndex(incident => new { incident.Endpoint, incident.State, incident.Id });
    }
}
