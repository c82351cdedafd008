using System.Diagnostics;
using System.Diagnostics.Metrics;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Monitoring;

/// <summary>Traces and metrics of the module. Names of endpoints, columns and monitors are declared by people, so there are few of them.</summary>
internal static class MonitoringTelemetry
{
    private const string Name = "MLOpsLearn.Monitoring";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Rows =
        Meter.CreateCounter<long>("mlopslearn.monitoring.rows", "{row}", "Served rows that came in, by what became of them.");

    private static readonly Histogram<double> IngestDuration =
        Meter.CreateHistogram("mlopslearn.monitoring.ingest.duration", "s", "Time to store the batches of served rows that came together.", null, Buckets.Answer);

    private static readonly Histogram<int> BatchRows =
        Meter.CreateHistogram("mlopslearn.monitoring.batch.rows", "{row}", "Rows of a batch that was stored.", null, Buckets.Rows);

    private static readonly Counter<long> Labels =
        Meter.CreateCounter<long>("mlopslearn.monitoring.labels", "{label}", "Labels that came in, by what became of them.");

    private static readonly Gauge<double> LabelLag =
        Meter.CreateGauge<double>("mlopslearn.monitoring.label.lag", "s", "Event time between the newest row or label and the end of the newest window whose quality is judged.");

    private static readonly Gauge<double> LabelCoverage =
        Meter.CreateGauge<double>("mlopslearn.monitoring.label.coverage", "1", "Share of rows with a label in the newest window whose quality is judged.");

    private static readonly Gauge<double> DriftShare =
        Meter.CreateGauge<double>("mlopslearn.monitoring.drift.share", "1", "Share of columns that drifted in the newest closed window.");

    private static readonly Gauge<double> DriftEffect =
        Meter.CreateGauge<double>("mlopslearn.monitoring.drift.effect", "1", "Size of a column's drift in the newest closed window, from 0 to 1.");

    private static readonly Gauge<double> Quality =
        Meter.CreateGauge<double>("mlopslearn.monitoring.quality", null, "A measure of quality of the live rows in the newest window whose quality is judged, in the unit of the label.");

    private static readonly Counter<long> Windows =
        Meter.CreateCounter<long>("mlopslearn.monitoring.windows", "{window}", "Windows that were judged for the first time, by inputs or by quality.");

    private static readonly Histogram<double> WindowDuration =
        Meter.CreateHistogram("mlopslearn.monitoring.window.duration", "s", "Time to judge a window.", null, Buckets.Work);

    private static readonly Counter<long> AlertTransitions =
        Meter.CreateCounter<long>("mlopslearn.monitoring.alert.transitions", "{transition}", "Transitions of alerts.");

    private static readonly Gauge<int> Firing =
        Meter.CreateGauge<int>("mlopslearn.monitoring.alert.firing", "1", "1 while a monitor's alert fires, 0 otherwise.");

    /// <summary>Batches were stored in one transaction.</summary>
    public static void Stored(string endpoint, IReadOnlyList<SubmitPredictionsResponse> answers, long tooLate, TimeSpan elapsed)
    {
        foreach (var answer in answers)
        {
            AddRows(endpoint, "accepted", answer.AcceptedRows);
            AddRows(endpoint, "duplicate", answer.DuplicateRows);
            AddRows(endpoint, "conflicting", answer.ConflictingRows);
            BatchRows.Record((int)(answer.AcceptedRows + answer.DuplicateRows + answer.ConflictingRows), Endpoint(endpoint));
        }

        AddRows(endpoint, "too_late", tooLate);
        IngestDuration.Record(elapsed.TotalSeconds, Endpoint(endpoint));
    }

    public static void Labelled(string endpoint, SubmitLabelsResponse answer)
    {
        Labels.Add(answer.Accepted, Endpoint(endpoint), new("outcome", "accepted"));
        Labels.Add(answer.Invalid.Count, Endpoint(endpoint), new("outcome", "invalid"));
    }

    public static void LabelsLag(string endpoint, TimeSpan lag) => LabelLag.Record(lag.TotalSeconds, Endpoint(endpoint));

    /// <summary>A window's inputs are judged.</summary>
    public static void InputsJudged(WindowResult window)
    {
        Windows.Add(1, Endpoint(window.Endpoint), new("judged", "inputs"));
        DriftShare.Record(window.Features.Count == 0 ? 0 : (double)window.Features.Count(feature => feature.Drifted) / window.Features.Count, Endpoint(window.Endpoint));
        foreach (var feature in window.Features.Where(feature => feature.Test.HasEffect))
        {
            DriftEffect.Record(feature.Test.Effect, Endpoint(window.Endpoint), new("column", feature.Column));
        }
    }

    /// <summary>A window's quality is judged.</summary>
    public static void QualityJudged(WindowResult window)
    {
        Windows.Add(1, Endpoint(window.Endpoint), new("judged", "quality"));
        LabelCoverage.Record(window.Rows == 0 ? 0 : (double)window.LabelledRows / window.Rows, Endpoint(window.Endpoint));
        if (window.Quality.FirstOrDefault(arm => !arm.Shadow) is { } live)
        {
            RecordQuality(window.Endpoint, "rmse", live.Rmse);
            RecordQuality(window.Endpoint, "mae", live.Mae);
            RecordQuality(window.Endpoint, "skill", live.Skill);
        }
    }

    public static void WindowJudged(string endpoint, TimeSpan elapsed) => WindowDuration.Record(elapsed.TotalSeconds, Endpoint(endpoint));

    public static void Transition(string endpoint, string monitor, string happened) =>
        AlertTransitions.Add(1, Endpoint(endpoint), new("monitor", monitor), new("event", happened));

    public static void MonitorIs(string endpoint, string monitor, bool firing) => Firing.Record(firing ? 1 : 0, Endpoint(endpoint), new("monitor", monitor));

    private static void AddRows(string endpoint, string outcome, long rows) => Rows.Add(rows, Endpoint(endpoint), new("outcome", outcome));

    private static void RecordQuality(string endpoint, string measure, double value)
    {
        if (double.IsFinite(value))
        {
            Quality.Record(value, Endpoint(endpoint), new("measure", measure));
        }
    }

    private static KeyValuePair<string, object?> Endpoint(string name) => new("endpoint", name);
}
