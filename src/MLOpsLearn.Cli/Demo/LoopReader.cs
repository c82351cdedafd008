using System.Globalization;
using Grpc.Core;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Cli.Demo;

/// <summary>
/// Reads what the loop did by itself. While a retraining is under way it waits: the replay's clock stands still, so that two runs with one seed
/// give the same table.
/// </summary>
internal sealed class LoopReader(MLOpsLearnClient client, string name, DemoProgress progress)
{
    private static readonly string[] Links = ["trigger", "job", "run", "version", "gate", "deployment"];
    private static readonly string[] Asking = ["firing", "refired", "renotify"];

    /// <summary>Promotions that an alert caused: the transition that was stored, the job, the version.</summary>
    public List<(AlertTransition Alert, Job Job)> Promotions { get; } = [];

    public async Task<MonthResult> ReadMonthAsync(TripMonth month, Replay replay, CancellationToken cancellationToken)
    {
        progress.Now($"{month.Name}: waiting for the window to be judged …");
        await Waiting.UntilAsync(
            $"{month.Name} to be judged",
            async token => (await replay.StatusAsync(token)).EvaluatedUntil is { } until && until.ToDateTimeOffset() >= month.End,
            cancellationToken);
        var events = new List<LoopEvent>();
        var promoted = 0;
        foreach (var (alert, transition) in await AlertsOfAsync(month, cancellationToken))
        {
            events.Add(new LoopEvent("alert", $"{alert.Monitor}: {transition.Reason}"));
            progress.Done($"{month.Name}: alert {alert.Monitor}: {transition.Reason}");
            promoted = Math.Max(promoted, await FollowAsync(month, alert, transition, events, cancellationToken));
        }

        return Summarise(await WindowOfAsync(month, cancellationToken), month, events, promoted);
    }

    /// <summary>Whether the server's own lineage shows the whole way from an alert to a version in service.</summary>
    public async Task<bool> IsClosedAsync(CancellationToken cancellationToken)
    {
        var page = new ListModelVersionsResponse();
        do
        {
            page = await client.Registry.ListModelVersionsAsync(
                new ListModelVersionsRequest { Model = name, PageSize = 1000, PageToken = page.NextPageToken }, cancellationToken: cancellationToken);
            foreach (var version in page.Versions.Where(version => version.Origin?.TriggerKind == "alert"))
            {
                var lineage = await client.Registry.GetLineageAsync(new GetLineageRequest { Model = name, Version = version.Version }, cancellationToken: cancellationToken);
                if (IsWhole(lineage))
                {
                    return true;
                }
            }
        }
        while (page.NextPageToken.Length > 0);
        return false;
    }

    /// <summary>Whether an alert led to this version, and a gate that passed led it into service.</summary>
    internal static bool IsWhole(Lineage lineage) => lineage.Complete
        && Array.TrueForAll(Links, kind => lineage.Steps.Any(step => step.Kind == kind))
        && lineage.Steps.Any(step => step.Kind == "trigger" && step.Attributes.GetValueOrDefault("kind") == "alert")
        && lineage.Steps.Any(step => step.Kind == "gate" && step.Attributes.GetValueOrDefault("verdict") == "promoted");

    /// <summary>The longest way from an alert's storing to the first answer of the version that it caused, less the fit itself.</summary>
    public async Task<double?> OverheadSecondsAsync(CancellationToken cancellationToken)
    {
        var deployments = await client.Inference.ListDeploymentsAsync(new ListDeploymentsRequest { Endpoint = name, PageSize = 1000 }, cancellationToken: cancellationToken);
        double? longest = null;
        foreach (var (alert, job) in Promotions)
        {
            var deployment = deployments.Deployments.FirstOrDefault(each => each.Version == job.ModelVersion);
            if (deployment?.FirstResponseTime is { } first && job is { FitStartTime: { } fitStart, FitEndTime: { } fitEnd })
            {
                var fit = fitEnd.ToDateTimeOffset() - fitStart.ToDateTimeOffset();
                var overhead = (first.ToDateTimeOffset() - alert.Time.ToDateTimeOffset() - fit).TotalSeconds;
                longest = Math.Max(longest ?? 0, overhead);
            }
        }

        return longest;
    }

    private async Task<List<(Alert Alert, AlertTransition Transition)>> AlertsOfAsync(TripMonth month, CancellationToken cancellationToken)
    {
        var page = await client.Monitoring.ListAlertsAsync(new ListAlertsRequest { Endpoint = name, PageSize = 1000 }, cancellationToken: cancellationToken);
        return [.. page.Alerts.SelectMany(alert => alert.Transitions.Select(transition => (alert, transition)))
            .Where(pair => Asking.Contains(pair.transition.Event) && pair.transition.WindowEnd.ToDateTimeOffset() == month.End)
            .OrderBy(pair => pair.alert.Monitor, StringComparer.Ordinal)];
    }

    /// <returns>The version that was promoted; 0 when none was.</returns>
    private async Task<int> FollowAsync(TripMonth month, Alert alert, AlertTransition transition, List<LoopEvent> events, CancellationToken cancellationToken)
    {
        Decision? decision = null;
        await Waiting.UntilAsync(
            $"the decision on the alert of {month.Name}",
            async token =>
            {
                var decisions = await client.Training.ListDecisionsAsync(new ListDecisionsRequest { TriggerId = alert.AlertId, PageSize = 1000 }, cancellationToken: token);
                decision = decisions.Decisions.FirstOrDefault(each => each.AlertSequence == transition.Sequence);
                return decision is not null;
            },
            cancellationToken);
        if (decision!.Action is "watch" or "keep")
        {
            return 0;
        }

        if (decision.JobId.Length == 0)
        {
            events.Add(new LoopEvent("refused", $"{decision.Action}: {decision.Reason}"));
            return 0;
        }

        events.Add(new LoopEvent("retrain", decision.Reason));
        var job = new Job();
        await Waiting.UntilAsync(
            $"the retraining of {month.Name}",
            async token =>
            {
                job = await client.Training.GetJobAsync(new GetJobRequest { JobId = decision.JobId }, cancellationToken: token);
                progress.Now($"{month.Name}: retraining: {job.Steps.LastOrDefault()?.Name ?? "starting"} …");
                return job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled;
            },
            cancellationToken);
        if (job.State != JobState.Succeeded || job.Outcome != "promoted")
        {
            var why = job.Outcome.Length > 0 ? job.OutcomeReason : job.Message;
            events.Add(new LoopEvent("refused", why));
            progress.Done($"{month.Name}: retrained, and refused: {why}");
            return 0;
        }

        await WaitUntilServedAsync(job.ModelVersion, cancellationToken);
        Promotions.Add((transition, job));
        events.Add(new LoopEvent("promoted", string.Create(CultureInfo.InvariantCulture, $"version {job.ModelVersion}: {job.OutcomeReason}")));
        progress.Done($"{month.Name}: retrained, and version {job.ModelVersion} promoted: {job.OutcomeReason}");
        return job.ModelVersion;
    }

    private async Task WaitUntilServedAsync(int version, CancellationToken cancellationToken)
    {
        await Waiting.UntilAsync(
            $"version {version} to serve",
            async token => (await client.Inference.GetEndpointAsync(new GetEndpointRequest { Name = name }, cancellationToken: token)).Version == version,
            cancellationToken);
        await Waiting.UntilAsync(
            $"the reference of version {version}",
            async token =>
            {
                try
                {
                    return (await client.Monitoring.GetReferenceAsync(new GetReferenceRequest { Endpoint = name }, cancellationToken: token)).Version == version;
                }
                catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
                {
                    return false;
                }
            },
            cancellationToken);
    }

    private async Task<WindowResult> WindowOfAsync(TripMonth month, CancellationToken cancellationToken)
    {
        var windows = await client.Monitoring.ListWindowsAsync(new ListWindowsRequest { Endpoint = name, PageSize = 1000 }, cancellationToken: cancellationToken);
        return windows.Windows.First(window => window.End.ToDateTimeOffset() == month.End);
    }

    private static MonthResult Summarise(WindowResult window, TripMonth month, List<LoopEvent> events, int promoted)
    {
        var live = window.Quality.FirstOrDefault(arm => !arm.Shadow);
        // The frozen first version scores as a shadow; where it is the live version itself, both are one.
        var frozen = window.Quality.FirstOrDefault(arm => arm.Shadow && arm.Version == 1) ?? (window.LastVersion == 1 ? live : null);
        return new MonthResult
        {
            Month = month.Name,
            Rows = window.Rows,
            Drift = window.DriftDetected,
            DriftedFeatures = [.. window.Features.Where(feature => feature.Drifted).Select(feature => feature.Column)],
            RmseFrozen = Rounded(frozen?.Rmse),
            RmseLive = Rounded(live?.Rmse),
            SkillFrozen = Rounded(frozen?.Skill),
            SkillLive = Rounded(live?.Skill),
            Version = window.LastVersion,
            Events = events,
            Promoted = promoted,
            Effects = window.Features.Where(feature => feature.Test.HasEffect).ToDictionary(feature => feature.Column, feature => feature.Test.Effect),
        };
    }

    /// <summary>Sums in another order differ in their last digits; what is printed does not.</summary>
    private static double? Rounded(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 6) : null;
}
