using System.Globalization;

namespace MLOpsLearn.Training.Retraining;

/// <summary>What a trigger says.</summary>
internal enum AlertMeaning
{
    /// <summary>Realised quality: error or skill on rows whose labels are known.</summary>
    Quality,

    /// <summary>Inputs differ from the reference.</summary>
    Drift,

    /// <summary>Values are missing or broken.</summary>
    DataQuality,

    /// <summary>Somebody asks for it outright; whether the predictions are good is not the question.</summary>
    Requested,
}

/// <summary>What the registry said to an automatic retraining.</summary>
internal enum Permission
{
    /// <summary>It was not asked, because nothing would have been done.</summary>
    NotAsked,
    Allowed,
    Frozen,
    NoAnswer,
}

/// <summary>Everything that a decision rests on.</summary>
internal sealed record RetrainFacts
{
    public required AlertMeaning Meaning { get; init; }

    /// <summary>Whether the alert still fires now.</summary>
    public required bool IsFiring { get; init; }

    /// <summary>Whether an alert on missing or broken values is open for the same endpoint.</summary>
    public required bool DataQualityIncidentOpen { get; init; }

    /// <summary>Jobs of the pipeline that have not ended, manual ones too; at most <see cref="MaxInFlight"/> are listed.</summary>
    public required IReadOnlyList<string> JobsInFlight { get; init; }

    public required int MaxInFlight { get; init; }

    /// <summary>End of the alert's window.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Event time of the last automatic job that made a model; null when there was none.</summary>
    public required DateTimeOffset? LastRetraining { get; init; }

    public required TimeSpan CoolDown { get; init; }

    /// <summary>Age from which drift alone is a reason to retrain, a model that was never retrained counting as older; null for never.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Automatic jobs of the pipeline within the last 24 hours of the service's clock.</summary>
    public required int JobsToday { get; init; }

    public required int DailyBudget { get; init; }

    /// <summary>Labelled rows of the trigger's window; 0 when it has none.</summary>
    public required long LabelledRows { get; init; }

    public required long MinLabelledRows { get; init; }

    public Permission Permission { get; init; } = Permission.NotAsked;

    /// <summary>Why the registry refused, or did not answer.</summary>
    public string PermissionReason { get; init; } = "";

    /// <summary>By name, as decisions show them.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() => new Dictionary<string, string>
    {
        ["meaning"] = Meaning.ToString(),
        ["firing"] = Text(IsFiring),
        ["data_quality_incident_open"] = Text(DataQualityIncidentOpen),
        ["jobs_in_flight"] = string.Join(", ", JobsInFlight),
        ["max_in_flight"] = MaxInFlight.ToString(CultureInfo.InvariantCulture),
        ["event_time"] = Text(EventTime),
        ["last_retraining"] = LastRetraining is { } last ? Text(last) : "",
        ["cool_down"] = CoolDown.ToString("c", CultureInfo.InvariantCulture),
        ["max_age"] = MaxAge?.ToString("c", CultureInfo.InvariantCulture) ?? "",
        ["jobs_today"] = JobsToday.ToString(CultureInfo.InvariantCulture),
        ["daily_budget"] = DailyBudget.ToString(CultureInfo.InvariantCulture),
        ["labelled_rows"] = LabelledRows.ToString(CultureInfo.InvariantCulture),
        ["min_labelled_rows"] = MinLabelledRows.ToString(CultureInfo.InvariantCulture),
        ["permission"] = Permission.ToString(),
        ["permission_reason"] = PermissionReason,
    };

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(DateTimeOffset value) => value.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
