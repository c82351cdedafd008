using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Tests.Spooling;

/// <summary>A server that is away loses nothing and doubles nothing.</summary>
public sealed class SpoolTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private static CancellationToken Cancel => ServerProcess.Cancel;

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_has_everything_once_in_the_end()
    {
        using var client = server.Connect();
        var options = server.Options("killed");
        var file = Path.Combine(server.Folder("files"), "note.txt");
        await File.WriteAllTextAsync(file, "note", Cancel);
        var run = await client.StartRunAsync(options, cancellationToken: Cancel);
        for (var step = 0; step < 3000; step++)
        {
            await run.LogMetricAsync("loss", step, step, cancellationToken: Cancel);
            if (step == 1000)
            {
                await server.KillAsync();
            }
            else if (step == 2000)
            {
                await run.LogParamAsync("offline", "yes", Cancel);
                await run.LogArtifactAsync(file, "deep/note.txt", Cancel);
                Assert.True(run.IsWaiting);
                File.Delete(file);
                await server.StartAsync();
            }
        }

        run.Complete();
        await run.DisposeAsync();
        var late = await client.ReplaySpoolAsync(options.SpoolFolder, Cancel);

        Assert.Empty(late.Refusals);
        await AssertWholeAsync(client, run.RunId!, 3000, RunStatus.Finished);
        var stored = await client.Tracking.GetRunAsync(new GetRunRequest { RunId = run.RunId }, cancellationToken: Cancel);
        Assert.Equal("yes", stored.Params["offline"]);
        Assert.Equal("deep/note.txt", Assert.Single((await client.Tracking.ListArtifactsAsync(new ListArtifactsRequest { RunId = run.RunId }, cancellationToken: Cancel)).Artifacts).Path);
        Assert.Empty(Directory.EnumerateFiles(options.SpoolFolder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_run_of_a_time_without_server_follows_later_and_only_once()
    {
        using var client = server.Connect();
        var options = server.Options("away");
        await server.KillAsync();
        var run = await client.StartRunAsync(options, cancellationToken: Cancel);
        Assert.Null(run.RunId);
        await run.LogMetricAsync("loss", 1, cancellationToken: Cancel);
        run.Complete();
        await run.DisposeAsync();
        Assert.True(run.IsWaiting);

        // The same entries again, as if their answers had got lost.
        Copy(options.SpoolFolder, options.SpoolFolder + "-copy");
        await server.StartAsync();
        var first = await client.ReplaySpoolAsync(options.SpoolFolder, Cancel);
        var second = await client.ReplaySpoolAsync(options.SpoolFolder + "-copy", Cancel);

        Assert.Equal((1, 2, 0), (first.Runs, first.Entries, first.Left));
        Assert.Equal((1, 2, 0), (second.Runs, second.Entries, second.Left));
        var found = Assert.Single(await client.SearchRunsAsync("", ["away"], cancellationToken: Cancel).ToListAsync(Cancel));
        await AssertWholeAsync(client, found.RunId, 1, RunStatus.Finished);
        Assert.True(found.EndTime.ToDateTimeOffset() - found.StartTime.ToDateTimeOffset() < TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_full_spool_makes_the_logging_wait_and_the_end_says_what_is_lost()
    {
        using var client = server.Connect();
        var options = server.Options("full") with { SpoolBytes = 2000, Capacity = 10, ClosePatience = TimeSpan.FromMilliseconds(100) };
        var run = await client.StartRunAsync(options, cancellationToken: Cancel);
        await server.KillAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            for (var step = 0; step < 100_000; step++)
            {
                await run.SetTagAsync($"tag{step}", new string('x', 200), patience.Token);
            }
        });
        Assert.True(Directory.EnumerateFiles(options.SpoolFolder, "*.log", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) < 5000);

        await Assert.ThrowsAsync<RunLogException>(() => run.DisposeAsync().AsTask());
        await server.StartAsync();
        Assert.Equal(1, (await client.ReplaySpoolAsync(options.SpoolFolder, Cancel)).Runs);
    }

    private static async Task AssertWholeAsync(MLOpsLearnClient client, string runId, int points, RunStatus status)
    {
        var history = await client.Tracking.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = runId, Key = "loss", PageSize = 10_000 }, cancellationToken: Cancel);
        Assert.Equal(points, history.Metrics.Select(metric => metric.Step).Distinct().Count());
        Assert.Equal(points, history.Metrics.Count);
        Assert.Equal(status, (await client.Tracking.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: Cancel)).Status);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
