using System.Globalization;
using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Tests.Logging;

[Collection(SharedServer.Name)]
public sealed class RunTests(ServerProcess server)
{
    private static CancellationToken Cancel => ServerProcess.Cancel;

    [Fact]
    public async Task All_that_was_logged_is_there_when_the_run_has_ended()
    {
        using var client = server.Connect();
        string id;
        await using (var run = await client.StartRunAsync(server.Options("logged") with { Name = "first", Tags = new Dictionary<string, string> { ["team"] = "ops" } }, cancellationToken: Cancel))
        {
            id = run.RunId!;
            for (var step = 0; step < 2500; step++)
            {
                await run.LogMetricAsync("loss", 1.0 / (step + 1), step, cancellationToken: Cancel);
            }

            await run.LogMetricAsync("odd", double.NaN, cancellationToken: Cancel);
            for (var i = 0; i < 250; i++)
            {
                await run.LogParamAsync($"p{i}", i.ToString(CultureInfo.InvariantCulture), Cancel);
            }

            await run.SetTagAsync("state", "early", Cancel);
            await run.SetTagAsync("state", "late", Cancel);
            run.Complete();
        }

        var stored = await client.Tracking.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
        Assert.Equal((RunStatus.Finished, "first", 250, "late", "ops"), (stored.Status, stored.Name, stored.Params.Count, stored.Tags["state"], stored.Tags["team"]));
        Assert.True(double.IsNaN(stored.Metrics.Single(metric => metric.Key == "odd").Value));
        var history = await client.Tracking.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = id, Key = "loss", PageSize = 10_000 }, cancellationToken: Cancel);
        Assert.Equal(Enumerable.Range(0, 2500).Select(step => (long)step), history.Metrics.Select(metric => metric.Step));
    }

    [Fact]
    public async Task An_exception_that_leaves_the_block_fails_the_run()
    {
        using var client = server.Connect();
        ActiveRun? run = null;
        await Assert.ThrowsAsync<TimeoutException>(() => client.RunAsync(
            async started =>
            {
                run = started;
                await started.LogMetricAsync("before", 1, cancellationToken: Cancel);
                throw new TimeoutException();
            },
            server.Options("failing"),
            Cancel));

        var stored = await client.Tracking.GetRunAsync(new GetRunRequest { RunId = run!.RunId }, cancellationToken: Cancel);
        Assert.Equal((RunStatus.Failed, 1), (stored.Status, stored.Metrics.Count));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => run.SetTagAsync("late", "1", Cancel).AsTask());
    }

    [Fact]
    public async Task A_refused_param_is_named_and_takes_nothing_else_with_it()
    {
        using var client = server.Connect();
        var run = await client.StartRunAsync(server.Options("refusing"), cancellationToken: Cancel);
        await run.LogParamAsync("rate", "0.1", Cancel);
        await run.FlushAsync(Cancel);
        await run.LogParamAsync("rate", "0.2", Cancel);
        await run.LogParamAsync("depth", "3", Cancel);
        await run.LogMetricAsync("rmse", 2, cancellationToken: Cancel);

        var flush = await Assert.ThrowsAsync<RunLogException>(() => run.FlushAsync(Cancel));
        run.Complete();
        await Assert.ThrowsAsync<RunLogException>(() => run.DisposeAsync().AsTask());

        Assert.Contains("rate", Assert.Single(flush.Refusals), StringComparison.Ordinal);
        var stored = await client.Tracking.GetRunAsync(new GetRunRequest { RunId = run.RunId }, cancellationToken: Cancel);
        Assert.Equal(("0.1", "3", 1, RunStatus.Finished), (stored.Params["rate"], stored.Params["depth"], stored.Metrics.Count, stored.Status));
    }

    [Fact]
    public async Task Many_writers_share_a_run_with_little_memory_for_it()
    {
        using var client = server.Connect();
        var run = await client.StartRunAsync(server.Options("many") with { Capacity = 4 }, cancellationToken: Cancel);
        await Parallel.ForAsync(0, 2000, Cancel, async (i, token) => await run.LogMetricAsync($"m{i % 20}", i, i, cancellationToken: token));
        run.Complete();
        await run.DisposeAsync();

        var count = 0;
        for (var key = 0; key < 20; key++)
        {
            count += (await client.Tracking.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = run.RunId, Key = $"m{key}" }, cancellationToken: Cancel)).Metrics.Count;
        }

        Assert.Equal(2000, count);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a\nb", "x")]
    public async Task A_key_that_nothing_can_have_is_refused_at_once(string key, string value)
    {
        using var client = server.Connect();
        await using var run = await client.StartRunAsync(server.Options("keys"), cancellationToken: Cancel);

        await Assert.ThrowsAsync<ArgumentException>(() => run.LogParamAsync(key, value, Cancel).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => run.LogMetricAsync(key, 1, cancellationToken: Cancel).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => run.SetTagAsync("long", new string('x', 8001), Cancel).AsTask());
    }

    [Fact]
    public async Task A_folder_goes_to_the_run_as_it_is()
    {
        using var client = server.Connect();
        var folder = server.Folder("plots");
        Directory.CreateDirectory(Path.Combine(folder, "deep"));
        await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "a", Cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "deep", "b c.txt"), "bc", Cancel);
        await using var run = await client.StartRunAsync(server.Options("files"), cancellationToken: Cancel);

        await run.LogArtifactsAsync(folder, "plots", Cancel);

        await Assert.ThrowsAsync<FileNotFoundException>(() => run.LogArtifactAsync(Path.Combine(folder, "none"), cancellationToken: Cancel));
        var listed = await client.Tracking.ListArtifactsAsync(new ListArtifactsRequest { RunId = run.RunId }, cancellationToken: Cancel);
        Assert.Equal([("plots/a.txt", 1L), ("plots/deep/b c.txt", 2L)], listed.Artifacts.Select(artifact => (artifact.Path, artifact.SizeBytes)));
    }

    [Fact]
    public async Task Runs_are_found_page_by_page_in_order()
    {
        using var client = server.Connect();
        for (var i = 0; i < 3; i++)
        {
            await client.RunAsync(
                async run =>
                {
                    await run.LogMetricAsync("rmse", i, cancellationToken: Cancel);
                    await run.LogParamAsync("model", i == 1 ? "line" : "trees", Cancel);
                },
                server.Options("search"),
                Cancel);
        }

        var found = await client.SearchRunsAsync("metrics.rmse < 5 AND (params.model = 'trees' OR params.model = 'none')", ["search"], ["metrics.rmse DESC"], Cancel)
            .Select(run => run.Metrics[0].Value).ToListAsync(Cancel);

        Assert.Equal([2, 0], found);
        var badFilter = await Assert.ThrowsAsync<RpcException>(async () => await client.SearchRunsAsync("nonsense ==", cancellationToken: Cancel).ToListAsync(Cancel));
        Assert.Equal(StatusCode.InvalidArgument, badFilter.StatusCode);
        var noExperiment = await Assert.ThrowsAsync<RpcException>(async () => await client.SearchRunsAsync("", ["none"], cancellationToken: Cancel).ToListAsync(Cancel));
        Assert.Equal(StatusCode.NotFound, noExperiment.StatusCode);
    }
}
