using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Tests.Jobs;

/// <summary>Workers that die, services that stop, registries that are away.</summary>
public sealed class JobFaultTests
{
    [Fact]
    public async Task A_killed_worker_is_started_once_more_and_the_job_goes_on()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await StartPausedAsync(host);
        var running = await RunningAsync(host, job.JobId, attempt: 1);

        Kill(running.ProcessId);
        await RunningAsync(host, job.JobId, attempt: 2);
        host.Neighbours.Monitoring.Pause!.SetResult();
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Contains($"worker process {running.ProcessId} ended with signal 9", job.Message, StringComparison.Ordinal);
        Assert.Single(host.Neighbours.Registry.Versions);
        Assert.Single(host.Neighbours.Tracking.Runs);
    }

    [Fact]
    public async Task A_worker_killed_when_its_files_were_stored_leaves_them_and_the_next_one_stores_its_own_beside()
    {
        await using var host = await TrainingHost.StartAsync();
        host.Neighbours.Tracking.PauseAtEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        await Eventually.HoldsAsync(() => host.Neighbours.Tracking.Artifacts.Keys.Count(key => key.Contains("/model/", StringComparison.Ordinal)) == 2);
        var running = await RunningAsync(host, job.JobId, attempt: 1);

        Kill(running.ProcessId);
        await RunningAsync(host, job.JobId, attempt: 2);
        host.Neighbours.Tracking.PauseAtEnd.SetResult();
        job = await host.UntilEndedAsync(job.JobId);

        Assert.True(job is { State: JobState.Succeeded, Attempt: 2 }, $"{job}");
        Assert.Equal(running.RunId, job.RunId);
        Assert.Equal("attempt-2/model", Assert.Single(host.Neighbours.Registry.Versions).ArtifactPath);
    }

    [Fact]
    public async Task A_worker_killed_twice_fails_the_job_with_the_reason()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await StartPausedAsync(host);
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            Kill((await RunningAsync(host, job.JobId, attempt)).ProcessId);
        }

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Failed, 2), (job.State, job.Attempt));
        Assert.Contains("ended with signal 9", job.Message, StringComparison.Ordinal);
        Assert.Empty(host.Neighbours.Registry.Versions);
        await Eventually.HoldsAsync(() => host.Neighbours.Tracking.Runs.Values.All(run => run.Status == RunStatus.Failed));
    }

    [Fact]
    public async Task A_worker_that_takes_more_memory_than_it_may_is_ended_retried_once_and_the_service_goes_on()
    {
        await using var host = await TrainingHost.StartAsync(settings: ("Training:MemoryLimitBytes", $"{64L << 20}"));

        var greedy = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("many.parquet", Trips.File(rows: 2_000_000)));
        greedy = await host.UntilEndedAsync(greedy.JobId);
        var modest = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("few.parquet", Trips.File()));
        modest = await host.UntilEndedAsync(modest.JobId);

        Assert.Equal((JobState.Failed, 2), (greedy.State, greedy.Attempt));
        Assert.Contains("memory", greedy.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(JobState.Succeeded, modest.State);
    }

    [Fact]
    public async Task Cancel_ends_the_process_and_the_run()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await StartPausedAsync(host);
        var running = await RunningAsync(host, job.JobId, attempt: 1);

        var cancelled = await host.Client.CancelJobAsync(new CancelJobRequest { JobId = job.JobId });

        Assert.Equal(JobState.Cancelled, cancelled.State);
        await Eventually.HoldsAsync(() => !IsAlive(running.ProcessId));
        await Eventually.HoldsAsync(() => host.Neighbours.Tracking.Runs.Values.All(run => run.Status == RunStatus.Killed));
        var again = await Assert.ThrowsAsync<RpcException>(() => host.Client.CancelJobAsync(new CancelJobRequest { JobId = job.JobId }).ResponseAsync);
        Assert.Equal(StatusCode.FailedPrecondition, again.StatusCode);
    }

    [Fact]
    public async Task A_service_that_stops_takes_its_worker_along_and_the_next_one_takes_the_job_up()
    {
        var first = await TrainingHost.StartAsync();
        var job = await StartPausedAsync(first);
        var running = await RunningAsync(first, job.JobId, attempt: 1);
        await first.DisposeAsync();
        Assert.False(IsAlive(running.ProcessId));
        first.Neighbours.Monitoring.Pause!.SetResult();

        await using var second = await TrainingHost.StartAsync(first.Neighbours, first.Folder);
        job = await second.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Single(second.Neighbours.Registry.Versions);
        Assert.Single(second.Neighbours.Tracking.Runs);
    }

    [Fact]
    public async Task A_job_interrupted_between_training_and_gate_is_finished_without_another_training()
    {
        var first = await TrainingHost.StartAsync();
        first.Neighbours.Registry.Outages = int.MaxValue;
        var job = await StartPausedAsync(first);
        first.Neighbours.Monitoring.Pause!.SetResult();
        await first.UntilAsync(job.JobId, view => view.Steps.Any(step => step.Name == "register"));
        await first.DisposeAsync();
        first.Neighbours.Registry.Outages = 1;

        await using var second = await TrainingHost.StartAsync(first.Neighbours, first.Folder);
        job = await second.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 1, 1), (job.State, job.Attempt, job.ModelVersion));
        Assert.Single(second.Neighbours.Registry.Versions);
        Assert.Single(second.Neighbours.Monitoring.Exports);
    }

    [Fact]
    public async Task A_worker_without_a_parent_ends_by_itself()
    {
        await using var host = await TrainingHost.StartAsync();
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "MLOpsLearn.Training.Worker.dll")]) { RedirectStandardInput = true };
        start.Environment["MLOPS_JOB_ID"] = "job";
        start.Environment["MLOPS_JOB_TOKEN"] = "token";
        start.Environment["MLOPS_ENDS_WITH_PARENT"] = "true";
        foreach (var name in new[] { "TRAINING_GRPC", "TRACKING_GRPC", "TRACKING_HTTP", "MONITORING_GRPC", "MONITORING_HTTP" })
        {
            // Nobody answers at this address: the worker would try on for a while.
            start.Environment[$"MLOPS_{name}"] = "http://10.255.255.1:9";
        }

        using var worker = Process.Start(start)!;
        worker.StandardInput.Close();

        await worker.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.NotEqual(0, worker.ExitCode);
    }

    [Fact]
    public async Task A_worker_with_a_wrong_token_learns_nothing()
    {
        await using var host = await TrainingHost.StartAsync();
        var job = await StartPausedAsync(host);
        await RunningAsync(host, job.JobId, attempt: 1);

        foreach (var (id, token) in new[] { (job.JobId, "wrong"), (job.JobId, ""), ("no-such-job", "wrong"), ("\0", "x"), (new string('x', 10_000), "x") })
        {
            var fault = await Assert.ThrowsAsync<RpcException>(() =>
                host.Worker.GetAssignmentAsync(new GetAssignmentRequest { JobId = id }, new Metadata { { "mlopslearn-job-token", token } }).ResponseAsync);
            Assert.Equal(StatusCode.PermissionDenied, fault.StatusCode);
        }

        host.Neighbours.Monitoring.Pause!.SetResult();
    }

    [Fact]
    public async Task A_missing_worker_program_fails_the_job_and_says_so()
    {
        await using var host = await TrainingHost.StartAsync(settings: ("Training:WorkerPath", "/nowhere/worker.dll"));
        var job = await StartPausedAsync(host);

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal(JobState.Failed, job.State);
        Assert.Contains("/nowhere/worker.dll", job.Message, StringComparison.Ordinal);
    }

    /// <summary>A job on a window; its worker stands still while monitoring makes it wait.</summary>
    private static async Task<Job> StartPausedAsync(TrainingHost host)
    {
        host.Neighbours.Monitoring.Window = Trips.File();
        host.Neighbours.Monitoring.WindowRows = 2000;
        host.Neighbours.Monitoring.Pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return await host.StartJobAsync(Trips.Yaml(), new JobInput
        {
            Window = new WindowInput { Endpoint = "trips", Start = Timestamp.FromDateTimeOffset(start), End = Timestamp.FromDateTimeOffset(start.AddDays(31)) },
        });
    }

    /// <summary>Waits until the worker of this attempt has its run open.</summary>
    private static Task<Job> RunningAsync(TrainingHost host, string jobId, int attempt) =>
        host.UntilAsync(jobId, job => job.State == JobState.Running && job.Attempt == attempt && job.ProcessId > 0 && job.RunId.Length > 0 && job.Steps.Count > 0);

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
