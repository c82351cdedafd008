using System.Diagnostics;
using System.Net;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>The disk of the artifacts is full: a clear error, nothing registered by half, and all goes on when there is room again.</summary>
[Collection("processes")]
public sealed class DiskFullTests : IDisposable
{
    private const string Model = "trip-duration";
    private readonly string _state = Directory.CreateTempSubdirectory("mlops-full-").FullName;
    private bool _isMounted;

    private string Artifacts => Path.Combine(_state, "state", "artifacts");

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", Artifacts);
        }

        Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public async Task A_training_that_can_not_store_its_model_fails_clearly_and_registers_nothing()
    {
        var token = TestContext.Current.CancellationToken;
        Directory.CreateDirectory(Artifacts);
        _isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", Artifacts);
        Assert.SkipUnless(_isMounted, "skipped: a small file system can't be mounted here");
        SmallMonths.Write(_state);
        await using var server = await ServerUnderTest.StartAsync(Path.Combine(_state, "state"));
        var (exitCode, _, errors) = await Mlops.RunAsync("demo", "--json", "--data", _state, "--server", $"{server.Client.Server}", "--grpc", $"{server.Client.Grpc}", "--report", Path.Combine(_state, "r.html"));
        Assert.True(exitCode == 0, errors);
        var before = await VersionsAsync(server);
        var filler = Path.Combine(Artifacts, "filler");
        Fill(filler);

        // A client's upload first: the problem says what it is about.
        var file = Path.Combine(_state, "large.bin");
        await File.WriteAllBytesAsync(file, new byte[4 << 20], token);
        var run = await server.Client.Tracking.CreateRunAsync(new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = "full" }, cancellationToken: token);
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => server.Client.UploadArtifactAsync(run.RunId, "large.bin", file, token));
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Contains("is its disk full", refused.Message, StringComparison.Ordinal);

        var failed = await TrainAsync(server);
        Assert.Equal(JobState.Failed, failed.State);
        Assert.Contains("disk full", failed.Message, StringComparison.Ordinal);
        Assert.Equal(before, await VersionsAsync(server));
        await RunFailedAsync(server, failed.RunId);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Artifacts, "incoming")));
        // What serves goes on serving.
        Assert.Equal(before.Max(), (await server.Client.Inference.GetEndpointAsync(new GetEndpointRequest { Name = Model }, cancellationToken: token)).Version);

        File.Delete(filler);
        Assert.Equal(JobState.Succeeded, (await TrainAsync(server)).State);
        Assert.Equal(before.Count + 1, (await VersionsAsync(server)).Count);
    }

    private static async Task<Job> TrainAsync(ServerUnderTest server)
    {
        var token = TestContext.Current.CancellationToken;
        var job = await server.Client.Training.StartJobAsync(new StartJobRequest { RequestId = MLOpsLearnClient.NewRequestId(), Pipeline = Model, Reason = "test" }, cancellationToken: token);
        var started = Stopwatch.GetTimestamp();
        while (job.State is JobState.Queued or JobState.Running)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Mlops.CommandPatience, $"{job}");
            await Task.Delay(100, token);
            job = await server.Client.Training.GetJobAsync(new GetJobRequest { JobId = job.JobId }, cancellationToken: token);
        }

        return job;
    }

    /// <summary>Tracking is told of the end of the job's run, a moment after the job's own.</summary>
    private static async Task RunFailedAsync(ServerUnderTest server, string runId)
    {
        var started = Stopwatch.GetTimestamp();
        while ((await server.Client.Tracking.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: TestContext.Current.CancellationToken)).Status != RunStatus.Failed)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, "The run did not end.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<List<int>> VersionsAsync(ServerUnderTest server) =>
        [.. (await server.Client.Registry.ListModelVersionsAsync(
            new ListModelVersionsRequest { Model = Model, PageSize = 1000 }, cancellationToken: TestContext.Current.CancellationToken)).Versions.Select(version => version.Version).Order()];

    private static void Fill(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                stream.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, down to the last block.
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process is { ExitCode: 0 };
    }
}
