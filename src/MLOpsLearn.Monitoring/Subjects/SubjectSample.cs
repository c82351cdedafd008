using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Subjects;

/// <summary>How far the labels of each subject lag behind, and which of its alerts fire.</summary>
internal sealed class SubjectSample(MonitoringDbContext context) : ISample
{
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var subjects = await context.Subjects.AsNoTracking()
            .Select(subject => new { subject.Endpoint, subject.Watermark, subject.EvaluatedUntil }).ToListAsync(cancellationToken);
        foreach (var subject in subjects)
        {
            if (subject is { Watermark: { } newest, EvaluatedUntil: { } judged })
            {
                MonitoringTelemetry.LabelsLag(subject.Endpoint, newest > judged ? newest - judged : TimeSpan.Zero);
            }
        }

        var monitors = await context.Monitors.AsNoTracking()
            .Select(monitor => new { monitor.Endpoint, monitor.Name, Fires = monitor.IncidentId != null }).ToListAsync(cancellationToken);
        foreach (var monitor in monitors)
        {
            MonitoringTelemetry.MonitorIs(monitor.Endpoint, monitor.Name, monitor.Fires);
        }
    }
}
