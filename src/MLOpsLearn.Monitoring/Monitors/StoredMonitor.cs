using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Statistics.Alerts;
using Monitor = MLOpsLearn.Contracts.Monitoring.V1.Monitor;

namespace MLOpsLearn.Monitoring.Monitors;

/// <summary>A limit on one number of each window, with the state of its alarm.</summary>
internal sealed class StoredMonitor
{
    public required string Endpoint { get; init; }

    public required string Name { get; init; }

    public required MonitorKind Kind { get; set; }

    public required double Raise { get; set; }

    public double? Clear { get; set; }

    public required int ForWindows { get; set; }

    public required int ClearWindows { get; set; }

    public required int RenotifyWindows { get; set; }

    /// <summary>The state machine's state as JSON.</summary>
    public string StateJson { get; set; } = JsonSerializer.Serialize(AlertMonitorState.Initial);

    /// <summary>Evaluations so far.</summary>
    public long Evaluations { get; set; }

    /// <summary>The incident that is open; null when none is.</summary>
    public string? IncidentId { get; set; }

    public bool WatchesQuality => Kind is MonitorKind.SkillDrop or MonitorKind.Rmse or MonitorKind.Mae;

    public string Severity => WatchesQuality ? "critical" : "warning";

    public AlertMonitorState State
    {
        get => JsonSerializer.Deserialize<AlertMonitorState>(StateJson) ?? AlertMonitorState.Initial;
        set => StateJson = JsonSerializer.Serialize(value);
    }

    public AlertMonitorConfig Config => new()
    {
        Direction = AlertDirection.Above,
        Raise = Raise,
        Clear = Clear,
        For = ForWindows,
        ClearFor = ClearWindows,
        RenotifyEvery = RenotifyWindows,
    };

    public Monitor ToProto()
    {
        var monitor = new Monitor
        {
            Endpoint = Endpoint,
            Name = Name,
            Kind = Kind,
            Raise = Raise,
            ForWindows = ForWindows,
            ClearWindows = ClearWindows,
            RenotifyWindows = RenotifyWindows,
            Severity = Severity,
            Workspace = Workspaces.Default,
            State = StateOf(State.Phase),
        };
        if (Clear is { } clear)
        {
            monitor.Clear = clear;
        }

        return monitor;
    }

    public static AlertState StateOf(AlertPhase phase) => phase switch
    {
        AlertPhase.Ok => AlertState.Ok,
        AlertPhase.Pending => AlertState.Pending,
        AlertPhase.Firing => AlertState.Firing,
        _ => AlertState.NoData,
    };
}

internal sealed class StoredMonitorConfiguration : IEntityTypeConfiguration<StoredMonitor>
{
    public void Configure(EntityTypeBuilder<StoredMonitor> builder)
    {
        builder.ToTable("monitors");
        builder.HasKey(monitor => new { monitor.Endpoint, monitor.Name });
        builder.Property(monitor => monitor.Endpoint).HasMaxLength(63);
        builder.Property(monitor => monitor.Name).HasMaxLength(63);
        builder.Ignore(monitor => monitor.State);
    }
}
