using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Alerts;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.References;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Subjects;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>
/// Evaluates the windows of a subject that are due: inputs when a window closes, quality when its labels are complete or waited for long
/// enough. Each monitor sees each window once, in order; what comes later raises the revision of the result, never the state of an alarm.
/// </summary>
internal sealed class WindowEvaluator(
    MonitoringDbContext context,
    RowLoader loader,
    LabelJoin labels,
    ReferenceBook references,
    ReferenceKeeper keeper,
    IncidentBook incidents,
    IOptions<MonitoringOptions> options,
    TimeProvider time)
{
    private const int WindowsPerLook = 100;
    private const double MinCoverage = 0.3;
    private const int MinLabels = 30;

    private enum QualityState
    {
        Waiting,
        Provisional,
        Final,
    }

    public async Task EvaluateAsync(string endpoint, CancellationToken cancellationToken)
    {
        var watched = await context.Subjects.AsNoTracking().FirstAsync(subject => subject.Endpoint == endpoint, cancellationToken);
        if (watched.Watermark is not { } watermark)
        {
            return;
        }

        var subject = watched.ToProto();
        var due = await context.Windows.AsNoTracking()
            .Where(window => window.Endpoint == endpoint && (!window.QualityEvaluated || window.LabelsChanged || window.Rows > window.EvaluatedRows))
            .OrderBy(window => window.Key).Take(WindowsPerLook).ToListAsync(cancellationToken);
        var qualityInOrder = true;
        foreach (var window in due)
        {
            if (!IsClosed(subject, watched, window, watermark))
            {
                break;
            }

            var state = await QualityStateAsync(subject, window, watermark, cancellationToken);
            var judgeQuality = !window.QualityEvaluated && qualityInOrder && state != QualityState.Waiting;
            if (!window.DriftEvaluated || judgeQuality || (window.QualityEvaluated && window.LabelsChanged) || window.Rows > window.EvaluatedRows)
            {
                await EvaluateAsync(subject, window, watermark, judgeQuality ? state : QualityState.Waiting, cancellationToken);
            }

            qualityInOrder &= window.QualityEvaluated || judgeQuality;
        }
    }

    private static bool IsClosed(Subject subject, WatchedSubject watched, ObservationWindow window, DateTimeOffset watermark) =>
        subject.WindowPeriod == WindowPeriod.Count
            ? watched.StoredRows >= (window.Key + 1) * subject.WindowRows
            : watermark >= DateTimeOffset.FromUnixTimeMilliseconds(window.EndMs) + TimeSpan.FromSeconds(subject.AllowedLatenessSeconds);

    /// <summary>Counts instead of joining: the join is worth its while only when enough labels are there.</summary>
    private async Task<QualityState> QualityStateAsync(Subject subject, ObservationWindow window, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        if (window.QualityEvaluated)
        {
            return QualityState.Waiting;
        }

        var end = DateTimeOffset.FromUnixTimeMilliseconds(window.EndMs);
        if (watermark >= end + WindowLedger.Horizon)
        {
            return QualityState.Final;
        }

        var requests = context.Requests.Where(request => request.Endpoint == subject.Endpoint && request.FirstEventMs < window.EndMs && request.LastEventMs >= window.StartMs);
        if (subject.WindowPeriod == WindowPeriod.Count)
        {
            var (first, last) = (window.Key * subject.WindowRows, (window.Key + 1) * subject.WindowRows);
            requests = context.Requests.Where(request => request.Endpoint == subject.Endpoint && request.FirstOrdinal < last && request.FirstOrdinal + request.Rows > first);
        }

        var rows = await requests.SumAsync(request => (long)request.Rows, cancellationToken);
        var ids = requests.Select(request => request.PredictionId).Distinct();
        var labelled = await context.Labels.Where(set => set.Endpoint == subject.Endpoint && ids.Contains(set.PredictionId)).SumAsync(set => (long)set.Count, cancellationToken);
        return labelled >= rows ? QualityState.Final
            : subject.LabelWaitSeconds > 0 && watermark >= end + TimeSpan.FromSeconds(subject.LabelWaitSeconds) ? QualityState.Provisional
            : QualityState.Waiting;
    }

    private async Task EvaluateAsync(Subject subject, ObservationWindow window, DateTimeOffset watermark, QualityState quality, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        // An alert that comes of it begins its trace here.
        using var activity = MonitoringTelemetry.Activities.StartActivity("evaluate window");
        activity?.SetTag("mlopslearn.endpoint", subject.Endpoint).SetTag("mlopslearn.window", window.Key);
        var rows = subject.WindowPeriod == WindowPeriod.Count
            ? await loader.ByOrdinalAsync(subject, window.Key * subject.WindowRows, (window.Key + 1) * subject.WindowRows, cancellationToken)
            : await loader.ByTimeAsync(subject, window.StartMs, window.EndMs, cancellationToken);
        if (rows.Count == 0)
        {
            return;
        }

        var result = WindowAnalysis.NewResult(subject, window);
        WindowAnalysis.AddRows(result, rows);
        var reference = await ReferenceOfAsync(subject, result, cancellationToken);
        var referenceRows = reference is null ? null : await keeper.ReadAsync(reference, subject, options.Value, cancellationToken);
        result.ReferenceVersion = reference?.Version ?? 0;
        WindowAnalysis.AddDrift(result, subject, rows, referenceRows, cancellationToken);
        if (quality != QualityState.Waiting || window.QualityEvaluated)
        {
            await BeginReadingLabelsAsync(window, cancellationToken);
            await AddQualityAsync(result, subject, rows, reference?.Skill, watermark, quality, cancellationToken);
        }

        // A count that was too hopeful: labels that don't fit, or come twice. The window goes on waiting.
        var judged = quality != QualityState.Waiting && !(quality == QualityState.Final && result.LabelledRows < rows.Count
            && watermark < DateTimeOffset.FromUnixTimeMilliseconds(window.EndMs) + WindowLedger.Horizon);
        await StoreAsync(subject, window, result, rows.Count, judged, watermark, cancellationToken);
        MonitoringTelemetry.WindowJudged(subject.Endpoint, time.GetElapsedTime(started));
    }

    /// <summary>
    /// Takes the mark of changed labels away before they are read, so that one that comes meanwhile marks the window anew. The rows go to -1 in
    /// the same statement: an evaluation that dies half-way is due again.
    /// </summary>
    private Task BeginReadingLabelsAsync(ObservationWindow window, CancellationToken cancellationToken) => context.Windows
        .Where(known => known.Endpoint == window.Endpoint && known.Key == window.Key && known.LabelsChanged)
        .ExecuteUpdateAsync(update => update.SetProperty(known => known.LabelsChanged, false).SetProperty(known => known.EvaluatedRows, -1), cancellationToken);

    private async Task AddQualityAsync(
        WindowResult result, Subject subject, RowSet rows, double? referenceSkill, DateTimeOffset watermark, QualityState quality, CancellationToken cancellationToken)
    {
        var joined = await labels.JoinAsync(subject.Endpoint, rows, null, cancellationToken);
        WindowAnalysis.AddQuality(result, rows, joined, referenceSkill);
        var isFinal = result.LabelledRows == rows.Count || watermark >= result.End.ToDateTimeOffset() + WindowLedger.Horizon;
        var enough = result.LabelledRows >= MinLabels && result.LabelledRows >= MinCoverage * rows.Count;
        result.QualityStatus = isFinal && result.LabelledRows > 0 ? "final" : enough ? "provisional" : "undefined(insufficient_labels)";
        if (result.QualityStatus.StartsWith("undefined", StringComparison.Ordinal))
        {
            result.Quality.Clear();
            result.ClearSkillDrop();
        }
    }

    private async Task<StoredReference?> ReferenceOfAsync(Subject subject, WindowResult result, CancellationToken cancellationToken)
    {
        var known = await context.References.AsNoTracking()
            .FirstOrDefaultAsync(reference => reference.Endpoint == subject.Endpoint && reference.Version == result.LastVersion, cancellationToken);
        if (known is null && await references.EnsureServingAsync(subject, result.LastVersion, cancellationToken))
        {
            known = await context.References.AsNoTracking()
                .FirstOrDefaultAsync(reference => reference.Endpoint == subject.Endpoint && reference.Version == result.LastVersion, cancellationToken);
        }

        return known ?? await context.References.AsNoTracking().FirstOrDefaultAsync(reference => reference.Endpoint == subject.Endpoint && reference.InForce, cancellationToken);
    }

    private async Task StoreAsync(
        Subject subject, ObservationWindow seen, WindowResult result, int rows, bool qualityJudged, DateTimeOffset watermark, CancellationToken cancellationToken)
    {
        context.ChangeTracker.Clear();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var window = await context.Windows.FirstAsync(known => known.Endpoint == seen.Endpoint && known.Key == seen.Key, cancellationToken);
        result.Revision = window.Result is null ? 1 : result.Revision + (window.QualityEvaluated || !qualityJudged ? 1 : 0);
        result.EvaluateTime = time.GetUtcNow().ToTimestamp();
        var driftIsNew = !window.DriftEvaluated;
        var qualityIsNew = !window.QualityEvaluated && qualityJudged;
        window.Result = result.ToByteArray();
        window.Revision = result.Revision;
        window.EvaluatedRows = rows;
        window.DriftEvaluated = true;
        window.QualityEvaluated |= qualityJudged;
        var monitors = await context.Monitors.Where(monitor => monitor.Endpoint == subject.Endpoint).ToListAsync(cancellationToken);
        foreach (var monitor in monitors.Where(monitor => monitor.WatchesQuality ? qualityIsNew : driftIsNew))
        {
            await incidents.ApplyAsync(
                monitor,
                new Evaluated(subject, result, WindowAnalysis.ValueOf(monitor.Kind, result), WindowAnalysis.TopColumns(result), watermark),
                cancellationToken);
        }

        if (qualityIsNew)
        {
            var watched = await context.Subjects.FirstAsync(known => known.Endpoint == subject.Endpoint, cancellationToken);
            watched.EvaluatedUntil = result.End.ToDateTimeOffset();
        }

        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (driftIsNew)
        {
            MonitoringTelemetry.InputsJudged(result);
        }

        if (qualityIsNew)
        {
            MonitoringTelemetry.QualityJudged(result);
        }
    }
}
