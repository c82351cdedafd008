using System.Globalization;

namespace MLOpsLearn.Training.Retraining;

/// <summary>
/// The retrain policy, from facts to decision; the first row that applies wins. Pure: equal facts give equal decisions.
/// Cool-down runs on the alert's event time, because a replayed year passes in a minute; the budget runs on the service's clock.
/// </summary>
internal static class RetrainPolicy
{
    public static RetrainVerdict Decide(RetrainFacts facts)
    {
        if (!facts.IsFiring)
        {
            return new RetrainVerdict(RetrainVerdict.Keep, "The alert does not fire any more.");
        }

        if (facts.Meaning == AlertMeaning.DataQuality || facts.DataQualityIncidentOpen)
        {
            return new RetrainVerdict(RetrainVerdict.Block, "Values are missing or broken: mend the data first; a model trained on it would be no better.");
        }

        if (facts.JobsInFlight.Count >= facts.MaxInFlight)
        {
            return new RetrainVerdict(RetrainVerdict.Wait, $"Job {string.Join(", ", facts.JobsInFlight)} has not ended.", IsOpen: true);
        }

        if (facts.Meaning == AlertMeaning.Drift && !IsOld(facts))
        {
            return facts.LabelledRows >= facts.MinLabelledRows
                ? new RetrainVerdict(RetrainVerdict.Watch, "Inputs drifted, but no alert says that the predictions got worse.")
                : new RetrainVerdict(RetrainVerdict.RequestLabels, $"Inputs drifted, and {TooFewLabels(facts)} to tell whether the predictions got worse.");
        }

        if (facts.Meaning != AlertMeaning.Requested && facts.LabelledRows < facts.MinLabelledRows)
        {
            return new RetrainVerdict(RetrainVerdict.RequestLabels, $"{Cause(facts)}, but {TooFewLabels(facts)} to train and compare on.");
        }

        // The alert's own time doesn't move on: only its next transition can end this wait.
        if (facts.LastRetraining is { } last && facts.EventTime - last < facts.CoolDown)
        {
            return new RetrainVerdict(
                RetrainVerdict.Wait,
                string.Create(CultureInfo.InvariantCulture, $"The last retraining was for {last:yyyy-MM-dd HH:mm}, less than the cool-down of {facts.CoolDown:c} before {facts.EventTime:yyyy-MM-dd HH:mm}."));
        }

        if (facts.JobsToday >= facts.DailyBudget)
        {
            return new RetrainVerdict(
                RetrainVerdict.Wait, $"The budget of {facts.DailyBudget} automatic jobs within 24 hours is used up.", IsOpen: true);
        }

        return facts.Permission switch
        {
            Permission.Frozen => new RetrainVerdict(RetrainVerdict.HeldBack, facts.PermissionReason),
            Permission.NoAnswer => new RetrainVerdict(
                RetrainVerdict.Wait, $"Whether a freeze is in force can't be told: {facts.PermissionReason}", IsOpen: true),
            _ when facts.Meaning == AlertMeaning.Requested => new RetrainVerdict(RetrainVerdict.Retrain, $"{Cause(facts)}."),
            _ => new RetrainVerdict(RetrainVerdict.Retrain, $"{Cause(facts)}, and enough labelled rows are there to train on."),
        };
    }

    /// <summary>A model that was never retrained, or longer ago than the pipeline lets it serve on drifted inputs.</summary>
    private static bool IsOld(RetrainFacts facts) => facts.MaxAge is { } age && (facts.LastRetraining is not { } last || facts.EventTime - last > age);

    private static string Cause(RetrainFacts facts) => facts.Meaning switch
    {
        AlertMeaning.Requested => "A retraining was asked for",
        AlertMeaning.Drift when facts.LastRetraining is null => "Inputs drifted and the model was never retrained",
        AlertMeaning.Drift => string.Create(CultureInfo.InvariantCulture, $"Inputs drifted and the last retraining was more than {facts.MaxAge?.TotalDays:0.#} days ago"),
        _ => "The predictions got worse",
    };

    private static string TooFewLabels(RetrainFacts facts) =>
        $"only {facts.LabelledRows.ToString(CultureInfo.InvariantCulture)} of at least {facts.MinLabelledRows.ToString(CultureInfo.InvariantCulture)} rows have labels";
}
