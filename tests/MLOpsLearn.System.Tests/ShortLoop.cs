using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>The demo on three small months against a server under whose feet something is pulled away, and what must be there afterwards.</summary>
internal sealed partial class ShortLoop : IDisposable
{
    private readonly Process _demo;
    private readonly MLOpsLearnClient _client;
    private readonly Task<(int ExitCode, string Output, string Errors)> _end;

    private ShortLoop(Process demo, MLOpsLearnClient client) => (_demo, _client, _end) = (demo, client, demo.EndAsync(Mlops.CommandPatience));

    /// <param name="client">Whose server it runs against.</param>
    /// <param name="folder">Where <see cref="SmallMonths"/> are, and the report goes.</param>
    public static ShortLoop Start(MLOpsLearnClient client, string folder) => new(
        Mlops.Start("demo", "--json", "--data", folder, "--server", $"{client.Server}", "--grpc", $"{client.Grpc}", "--report", Path.Combine(folder, "report.html")), client);

    /// <summary>Waits until a worker trains what an alert asked for: the middle of the loop.</summary>
    public async Task<Job> RetrainingAsync()
    {
        Job? found = null;
        await Eventually.TrueAsync(Mlops.CommandPatience, async () =>
        {
            Assert.False(_demo.HasExited, "The demo ended before it retrained.");
            var running = await _client.Training.ListJobsAsync(
                new ListJobsRequest { State = JobState.Running, PageSize = 1000 }, cancellationToken: TestContext.Current.CancellationToken);
            found = running.Jobs.FirstOrDefault(job => job.Trigger.Kind == "alert" && job.ProcessId > 0);
            return found is not null;
        });
        return found!;
    }

    /// <summary>The demo ends well, its loop closed, with each row, label, job, run and version there once.</summary>
    /// <param name="story">What was done to it, and how it was taken.</param>
    public async Task ClosesWithNothingLostOrDoubledAsync(Func<string> story)
    {
        var (code, output, errors) = await _end;
        var told = $"{story()}\n{errors}";
        Assert.True(code == 0, told);
        using var result = JsonDocument.Parse(output);
        Assert.True(result.RootElement.GetProperty("closed").GetBoolean(), told);
        var seconds = result.RootElement.GetProperty("seconds").GetDouble();
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"closed in {seconds:0.0} s"));
        await NothingLostOrDoubledAsync(EndpointLine().Match(told).Groups[1].Value, told);
    }

    public void Dispose()
    {
        if (!_demo.HasExited)
        {
            _demo.Kill(entireProcessTree: true);
        }

        _demo.Dispose();
    }

    [GeneratedRegex(@"^Endpoint (\S+) serves", RegexOptions.Multiline)]
    private static partial Regex EndpointLine();

    private async Task NothingLostOrDoubledAsync(string model, string told)
    {
        var token = TestContext.Current.CancellationToken;
        // Two months were replayed.
        var status = await _client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = model }, cancellationToken: token);
        Assert.True(status.StoredLabels == 2 * SmallMonths.Rows, $"{status.StoredLabels} labels; {told}");
        Assert.True(status.StoredRows == 2 * SmallMonths.Rows, $"{status.StoredRows} rows; {told}");
        var windows = await _client.Monitoring.ListWindowsAsync(new ListWindowsRequest { Endpoint = model, PageSize = 100 }, cancellationToken: token);
        Assert.All(windows.Windows, window => Assert.Equal(SmallMonths.Rows, window.Rows));

        var jobs = (await _client.Training.ListJobsAsync(new ListJobsRequest { Pipeline = model, PageSize = 1000 }, cancellationToken: token)).Jobs;
        var decisions = (await _client.Training.ListDecisionsAsync(new ListDecisionsRequest { PageSize = 1000 }, cancellationToken: token)).Decisions
            .Where(decision => decision.Pipeline == model && decision.JobId.Length > 0).ToList();
        Assert.Single(jobs, job => job.Trigger.Kind == "manual");
        Assert.Equal(decisions.Select(decision => decision.JobId).Order(), jobs.Where(job => job.Trigger.Kind == "alert").Select(job => job.JobId).Order());
        Assert.All(jobs, job => Assert.True(job.State == JobState.Succeeded, $"{job}; {told}"));

        var versions = (await _client.Registry.ListModelVersionsAsync(new ListModelVersionsRequest { Model = model, PageSize = 1000 }, cancellationToken: token)).Versions;
        Assert.Equal(jobs.Select(job => job.ModelVersion).Order(), versions.Select(version => version.Version).Order());
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => version.Version).Order());

        // One finished run for each job; an attempt that died in the middle may have left one that says so.
        var experiments = (await _client.Tracking.ListExperimentsAsync(new ListExperimentsRequest { PageSize = 1000 }, cancellationToken: token)).Experiments;
        var experiment = Assert.Single(experiments, each => each.Name == model);
        var runs = (await _client.Tracking.ListRunsAsync(new ListRunsRequest { ExperimentId = experiment.ExperimentId, PageSize = 1000 }, cancellationToken: token)).Runs;
        var finished = runs.Where(run => run.Status == RunStatus.Finished).Select(run => run.RunId).ToHashSet();
        Assert.Equal(jobs.Select(job => job.RunId).Order(), finished.Order());
        Assert.DoesNotContain(runs, run => run.Status == RunStatus.Running);
    }
}
