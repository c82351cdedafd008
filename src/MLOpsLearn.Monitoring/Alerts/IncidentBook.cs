using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Monitors;
using MLOpsLearn.Statistics.Alerts;

namespace MLOpsLearn.Monitoring.Alerts;

/// <summary>What a monitor is told of a window.</summary>
internal sealed record Evaluated(Subject Subject, WindowResult Window, double? Value, IReadOnlyList<string> TopColumns, DateTimeOffset AsOf);

/// <summary>Opens, continues and closes incidents as the state machine says; works within the caller's transaction.</summary>
internal sealed class IncidentBook(MonitoringDbContext context, TimeProvider time)
{
    public async Task ApplyAsync(StoredMonitor monitor, Evaluated evaluated, CancellationToken cancellationToken)
    {
        var (state, events) = monitor.State.Next(monitor.Config, evaluated.Value, monitor.Evaluations++);
        monitor.State = state;
        foreach (var happened in events)
        {
            if (happened is AlertEvent.Firing or AlertEvent.Refired)
            {
                await AddAsync(monitor, await OpenAsync(monitor, evaluated, cancellationToken), happened.WireName(), ReasonOf(monitor, evaluated), evaluated);
            }
            else if (happened is AlertEvent.Renotify or AlertEvent.Resolved && monitor.IncidentId is { } id)
            {
                var incident = await context.Incidents.FirstAsync(known => known.Id == id, cancellationToken);
                await AddAsync(monitor, incident, happened.WireName(), ReasonOf(monitor, evaluated), evaluated);
            }
        }
    }

    /// <summary>Another version serves: what fired on the one before is over, and its monitors start afresh.</summary>
    public async Task SupersedeAsync(string endpoint, int version, CancellationToken cancellationToken)
    {
        var monitors = await context.Monitors.Where(monitor => monitor.Endpoint == endpoint).ToListAsync(cancellationToken);
        foreach (var monitor in monitors)
        {
            if (monitor.IncidentId is { } id && await context.Incidents.FirstAsync(known => known.Id == id, cancellationToken) is var incident
                && incident.ToProto() is var alert && alert.Version != version)
            {
                var last = alert.Transitions[^1].Clone();
                last.Sequence++;
                last.Event = AlertEvent.Resolved.WireName();
                last.Reason = $"superseded: version {version} serves, its reference is in force";
                last.TraceParent = Activity.Current?.Id ?? "";
                last.Time = time.GetUtcNow().ToTimestamp();
                Append(monitor, incident, alert, last);
                monitor.State = AlertMonitorState.Initial;
            }
        }
    }

    private async Task<Incident> OpenAsync(StoredMonitor monitor, Evaluated evaluated, CancellationToken cancellationToken)
    {
        if (monitor.IncidentId is { } id)
        {
            return await context.Incidents.FirstAsync(known => known.Id == id, cancellationToken);
        }

        var alert = new Alert
        {
            AlertId = Guid.CreateVersion7().ToString(),
            Endpoint = monitor.Endpoint,
            Model = evaluated.Subject.Model,
            Monitor = monitor.Name,
            Kind = monitor.Kind,
            Severity = monitor.Severity,
            Workspace = Workspaces.Default,
            Version = evaluated.Window.LastVersion,
            State = AlertState.Firing,
        };
        var incident = new Incident { Id = alert.AlertId, Endpoint = alert.Endpoint, Monitor = alert.Monitor, State = alert.State, Body = alert.ToByteArray() };
        context.Incidents.Add(incident);
        monitor.IncidentId = incident.Id;
        return incident;
    }

    private Task AddAsync(StoredMonitor monitor, Incident incident, string happened, string reason, Evaluated evaluated)
    {
        var alert = incident.ToProto();
        var transition = new AlertTransition
        {
            Sequence = alert.Transitions.Count + 1,
            Event = happened,
            WindowStart = evaluated.Window.Start,
            WindowEnd = evaluated.Window.End,
            WindowRevision = evaluated.Window.Revision,
            Limit = monitor.Raise,
            TopColumns = { evaluated.TopColumns },
            Time = time.GetUtcNow().ToTimestamp(),
            Reason = reason,
            AsOf = evaluated.AsOf.ToTimestamp(),
            TraceParent = Activity.Current?.Id ?? "",
            Rows = evaluated.Window.Rows,
            LabelledRows = evaluated.Window.LabelledRows,
        };
        if (evaluated.Value is { } value)
        {
            transition.Value = value;
        }

        Append(monitor, incident, alert, transition);
        return Task.CompletedTask;
    }

    private void Append(StoredMonitor monitor, Incident incident, Alert alert, AlertTransition transition)
    {
        alert.Transitions.Add(transition);
        MonitoringTelemetry.Transition(alert.Endpoint, alert.Monitor, transition.Event);
        alert.Reason = transition.Reason;
        alert.State = transition.Event == AlertEvent.Resolved.WireName() ? AlertState.Ok : AlertState.Firing;
        (incident.State, incident.Body) = (alert.State, alert.ToByteArray());
        if (alert.State == AlertState.Ok)
        {
            monitor.IncidentId = null;
        }

        context.PublishOnSave(
            new AlertChanged(
                alert.Workspace,
                alert.AlertId,
                transition.Sequence,
                transition.Event,
                alert.Endpoint,
                alert.Model,
                alert.Version,
                alert.Monitor,
                KindName(alert.Kind),
                alert.Severity,
                transition.Reason,
                transition.HasValue ? transition.Value : null,
                transition.Limit,
                transition.WindowStart.ToDateTimeOffset(),
                transition.WindowEnd.ToDateTimeOffset(),
                transition.AsOf.ToDateTimeOffset(),
                transition.Rows,
                transition.LabelledRows,
                transition.Time.ToDateTimeOffset()),
            time);
    }

    private static string KindName(MonitorKind kind) => kind switch
    {
        MonitorKind.Drift => "drift",
        MonitorKind.SkillDrop => "skill-drop",
        MonitorKind.Rmse => "rmse",
        MonitorKind.Mae => "mae",
        _ => "missing-share",
    };

    private static string ReasonOf(StoredMonitor monitor, Evaluated evaluated)
    {
        var window = string.Create(CultureInfo.InvariantCulture, $"{evaluated.Window.Start.ToDateTime():yyyy-MM-dd} to {evaluated.Window.End.ToDateTime():yyyy-MM-dd}");
        var what = monitor.Kind switch
        {
            MonitorKind.Drift => string.Create(CultureInfo.InvariantCulture, $"{evaluated.Value:P0} of the columns drifted ({string.Join(", ", evaluated.TopColumns)})"),
            MonitorKind.SkillDrop => string.Create(CultureInfo.InvariantCulture, $"skill lies {evaluated.Value:0.000} below the reference"),
            MonitorKind.Rmse => string.Create(CultureInfo.InvariantCulture, $"RMSE is {evaluated.Value:0.000}"),
            MonitorKind.Mae => string.Create(CultureInfo.InvariantCulture, $"MAE is {evaluated.Value:0.000}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{evaluated.Value:P1} of a column is missing"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{what} from {window}, limit {monitor.Raise:0.###}");
    }
}
