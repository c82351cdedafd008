using System.Text.Json;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>
/// Seeded rounds of a short loop, in each of which every service is killed once with kill -9 at a random moment. Two rounds, or ten with
/// MLOPSLEARN_LONG=1 (tests/run.sh --long).
/// </summary>
[Collection("processes")]
public sealed class KillRoundsTests : IDisposable
{
    private const string Model = "trip-duration";

    /// <summary>About as long as the short loop takes.</summary>
    private static readonly TimeSpan Loop = TimeSpan.FromSeconds(14);

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-kills-").FullName;

    private static int Rounds => Environment.GetEnvironmentVariable("MLOPSLEARN_LONG") is "1" ? 10 : 2;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_loop_closes_though_every_service_is_killed_and_nothing_is_lost_or_doubled()
    {
        SmallMonths.Write(_folder);
        await using var appHost = await AppHostProcess.StartAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            using var demo = Mlops.Start(
                "demo", "--json", "--data", _folder, "--server", $"{appHost.Http}", "--grpc", $"{appHost.Grpc}", "--report", Path.Combine(_folder, "report.html"));
            var output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var kills = await KillEachOnceAsync(appHost, new Random(round));
            await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
            var story = $"round {round}: {kills}\n{await errors}\n{appHost.Tail()}";
            Assert.True(demo.ExitCode == 0, story);
            await appHost.HealthyAsync();
            using var result = JsonDocument.Parse(await output);
            Assert.True(result.RootElement.GetProperty("closed").GetBoolean(), story);
            await NothingLostOrDoubledAsync(appHost, round == 1 ? Model : $"{Model}-{round}", story);
        }
    }

    private static async Task<string> KillEachOnceAsync(AppHostProcess appHost, Random random)
    {
        var moments = AppHostProcess.Services.Select(service => (Service: service, At: Loop * random.NextDouble())).OrderBy(kill => kill.At).ToList();
        var now = TimeSpan.Zero;
        foreach (var (service, at) in moments)
        {
            await Task.Delay(at - now, TestContext.Current.CancellationToken);
            now = at;
            foreach (var id in appHost.IdsOf(service))
            {
                AppHostProcess.Kill(id);
            }
        }

        return string.Join(", ", moments.Select(kill => FormattableString.Invariant($"{kill.Service} at {kill.At.TotalSeconds:0.0} s")));
    }

    private static async Task NothingLostOrDoubledAsync(AppHostProcess appHost, string model, string story)
    {
        var token = TestContext.Current.CancellationToken;
        var client = appHost.Client;
        // Two months were replayed: every row and every label is there once.
        var status = await client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = model }, cancellationToken: token);
        Assert.True(status.StoredLabels == 2 * SmallMonths.Rows, $"{status.StoredLabels} labels; {story}");
        Assert.True(status.StoredRows == 2 * SmallMonths.Rows, $"{status.StoredRows} rows; {story}");
        var windows = await client.Monitoring.ListWindowsAsync(new ListWindowsRequest { Endpoint = model, PageSize = 100 }, cancellationToken: token);
        Assert.All(windows.Windows, window => Assert.Equal(SmallMonths.Rows, window.Rows));

        var jobs = (await client.Training.ListJobsAsync(new ListJobsRequest { Pipeline = model, PageSize = 1000 }, cancellationToken: token)).Jobs;
        var decisions = (await client.Training.ListDecisionsAsync(new ListDecisionsRequest { PageSize = 1000 }, cancellationToken: token)).Decisions
            .Where(decision => decision.Pipeline == model && decision.JobId.Length > 0).ToList();
        Assert.Single(jobs, job => job.Trigger.Kind == "manual");
        Assert.Equal(decisions.Select(decision => decision.JobId).Order(), jobs.Where(job => job.Trigger.Kind == "alert").Select(job => job.JobId).Order());
        Assert.All(jobs, job => Assert.True(job.State == JobState.Succeeded, $"{job}; {story}"));

        var versions = (await client.Registry.ListModelVersionsAsync(new ListModelVersionsRequest { Model = model, PageSize = 1000 }, cancellationToken: token)).Versions;
        Assert.Equal(jobs.Select(job => job.ModelVersion).Order(), versions.Select(version => version.Version).Order());
        Assert.Equal(Enumerable.Range(1, versions.Count), versions.Select(version => version.Version).Order());

        // One finished run for each job; an attempt that died in the middle may have left one that says so.
        var experiments = (await client.Tracking.ListExperimentsAsync(new ListExperimentsRequest { PageSize = 1000 }, cancellationToken: token)).Experiments;
        var experiment = Assert.Single(experiments, each => each.Name == model);
        var runs = (await client.Tracking.ListRunsAsync(new ListRunsRequest { ExperimentId = experiment.ExperimentId, PageSize = 1000 }, cancellationToken: token)).Runs;
        var finished = runs.Where(run => run.Status == RunStatus.Finished).Select(run => run.RunId).ToHashSet();
        Assert.Equal(jobs.Select(job => job.RunId).Order(), finished.Order());
        Assert.DoesNotContain(runs, run => run.Status == RunStatus.Running);
    }
}
