using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>Processes that die in the middle of the loop.</summary>
[Collection("processes")]
public sealed class DemoFaultTests : IDisposable
{
    private const string Model = "trip-duration";
    private static readonly TimeSpan LoopPatience = Mlops.CommandPatience;
    private readonly string _state = Directory.CreateTempSubdirectory("mlops-loop-faults-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task A_training_process_killed_in_the_loop_is_started_once_more_and_the_loop_closes()
    {
        await using var server = await ServerUnderTest.StartAsync(_state);
        using var demo = DemoOn(server);
        var retraining = await RetrainingAsync(server, demo);
        using (var worker = Process.GetProcessById(retraining.ProcessId))
        {
            worker.Kill();
        }

        var (code, output, errors) = await demo.EndAsync(Mlops.CommandPatience);

        Assert.True(code == 0, errors);
        using var result = JsonDocument.Parse(output);
        Assert.True(result.RootElement.GetProperty("closed").GetBoolean());
        var job = await server.Client.Training.GetJobAsync(new GetJobRequest { JobId = retraining.JobId }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Contains($"{retraining.ProcessId}", job.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_killed_in_the_middle_of_a_retraining_takes_it_up_again_and_has_everything()
    {
        Inventory before;
        Job interrupted;
        await using (var server = await ServerUnderTest.StartAsync(_state))
        {
            using var demo = DemoOn(server);
            interrupted = await RetrainingAsync(server, demo);
            before = await InventoryAsync(server);
            // It would wait for a minute, at an address where nobody comes back.
            demo.Kill();
            await server.KillAsync();
        }

        await using var again = await ServerUnderTest.StartAsync(_state);
        var ended = await JobEndedAsync(again, interrupted.JobId);

        Assert.True(ended.State == JobState.Succeeded || ended.Message.Length > 0, $"{ended}");
        var after = await InventoryAsync(again);
        Assert.Equal(before.Rows, after.Rows);
        Assert.Equal(before.Labels, after.Labels);
        Assert.Subset(after.Runs, before.Runs);
        Assert.Subset(after.Versions, before.Versions);
        Assert.Equal(before.Jobs, after.Jobs);
        // One version for the interrupted job at most, and no run or job beside its own.
        Assert.Equal(before.Versions.Count + (ended.State == JobState.Succeeded ? 1 : 0), after.Versions.Count);
        Assert.Equal(before.Runs.Count, after.Runs.Count);
        await UntilServedAsync(again, ended);
    }

    [Fact]
    public async Task The_server_of_a_demo_ends_with_it_also_when_it_is_killed()
    {
        using var demo = Mlops.Start("demo", "--json", "--state", _state);
        _ = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string? line;
        do
        {
            line = await demo.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.NotNull(line);
        }
        while (!line.Contains("ready at", StringComparison.Ordinal));

        demo.Kill();

        // The server holds this file as long as it lives.
        await UntilAsync(() =>
        {
            try
            {
                using var held = new FileStream(Path.Combine(_state, "server.lock"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                return Task.FromResult(true);
            }
            catch (IOException)
            {
                return Task.FromResult(false);
            }
        });
        await using var next = await ServerUnderTest.StartAsync(_state);
    }

    private static Process DemoOn(ServerUnderTest server)
    {
        var demo = Mlops.Start("demo", "--json", "--server", $"{server.Client.Server}", "--grpc", $"{server.Client.Grpc}");
        return demo;
    }

    /// <summary>Waits for the job that the alert started to have its worker.</summary>
    private static async Task<Job> RetrainingAsync(ServerUnderTest server, Process demo)
    {
        Job? found = null;
        await UntilAsync(async () =>
        {
            Assert.False(demo.HasExited, "The demo ended before it retrained.");
            var jobs = await server.Client.Training.ListJobsAsync(new ListJobsRequest { State = JobState.Running, Pipeline = Model }, cancellationToken: TestContext.Current.CancellationToken);
            found = jobs.Jobs.FirstOrDefault(job => job.Trigger.Kind == "alert" && job.ProcessId > 0 && job.RunId.Length > 0);
            return found is not null;
        });
        return found!;
    }

    private static async Task<Job> JobEndedAsync(ServerUnderTest server, string jobId)
    {
        var job = new Job();
        await UntilAsync(async () =>
        {
            job = await server.Client.Training.GetJobAsync(new GetJobRequest { JobId = jobId }, cancellationToken: TestContext.Current.CancellationToken);
            return job.State is JobState.Succeeded or JobState.Failed;
        });
        return job;
    }

    private static async Task UntilServedAsync(ServerUnderTest server, Job job)
    {
        if (job.Outcome == "promoted")
        {
            await UntilAsync(async () => (await server.Client.Inference.GetEndpointAsync(
                new() { Name = Model }, cancellationToken: TestContext.Current.CancellationToken)).Version == job.ModelVersion);
        }
    }

    private static async Task<Inventory> InventoryAsync(ServerUnderTest server)
    {
        var token = TestContext.Current.CancellationToken;
        var status = await server.Client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = Model }, cancellationToken: token);
        var runs = await server.Client.Tracking.ListRunsAsync(new ListRunsRequest { PageSize = 1000 }, cancellationToken: token);
        var versions = await server.Client.Registry.ListModelVersionsAsync(new ListModelVersionsRequest { Model = Model, PageSize = 1000 }, cancellationToken: token);
        var jobs = await server.Client.Training.ListJobsAsync(new ListJobsRequest { PageSize = 1000 }, cancellationToken: token);
        return new Inventory(
            status.StoredRows,
            status.StoredLabels,
            [.. runs.Runs.Select(run => run.RunId)],
            [.. versions.Versions.Select(version => version.Version)],
            [.. jobs.Jobs.Select(job => job.JobId)]);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < LoopPatience, $"{what} did not come true.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private sealed record Inventory(long Rows, long Labels, HashSet<string> Runs, HashSet<int> Versions, HashSet<string> Jobs);
}
