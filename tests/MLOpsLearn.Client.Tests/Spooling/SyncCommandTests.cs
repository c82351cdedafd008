using System.Diagnostics;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Tests.Spooling;

/// <summary><c>mlops runs sync</c> sends what a process left that ended while the server was away.</summary>
public sealed class SyncCommandTests(ServerProcess server) : IClassFixture<ServerProcess>
{
    private static CancellationToken Cancel => ServerProcess.Cancel;

    [Fact]
    public async Task What_was_logged_offline_arrives_with_its_files_and_only_once()
    {
        using var client = server.Connect();
        var options = server.Options("synced");
        var file = Path.Combine(server.Folder("files"), "note.txt");
        await File.WriteAllTextAsync(file, "note", Cancel);
        var param = await client.StartRunAsync(options with { Name = "other" }, cancellationToken: Cancel);
        await param.LogParamAsync("depth", "6", Cancel);
        await param.FlushAsync(Cancel);
        await server.KillAsync();
        await param.LogParamAsync("depth", "7", Cancel);
        param.Complete();
        await param.DisposeAsync();
        var run = await client.StartRunAsync(options with { Name = "whole" }, cancellationToken: Cancel);
        await run.LogMetricAsync("loss", 0.5, cancellationToken: Cancel);
        await run.LogArtifactAsync(file, "deep/note.txt", Cancel);
        run.Complete();
        await run.DisposeAsync();

        var away = await SyncAsync(options.SpoolFolder);
        Assert.Equal(2, away.Code);
        Assert.Contains("can't be reached", away.Complaints, StringComparison.Ordinal);
        Assert.Contains("2 runs are left", away.Output, StringComparison.Ordinal);
        await server.StartAsync();
        var sent = await SyncAsync(options.SpoolFolder);
        var again = await SyncAsync(options.SpoolFolder);
        var nowhere = await SyncAsync(Path.Combine(options.SpoolFolder, "nowhere"));

        // One value of the two runs is refused, and said; all else is sent.
        Assert.Equal(1, sent.Code);
        Assert.Contains("param 'depth'", sent.Complaints, StringComparison.Ordinal);
        Assert.Contains("2 runs are sent", sent.Output, StringComparison.Ordinal);
        Assert.Equal(0, again.Code);
        Assert.Equal(2, nowhere.Code);
        var found = Assert.Single(await client.SearchRunsAsync("attributes.run_name = 'whole'", ["synced"], cancellationToken: Cancel).ToListAsync(Cancel));
        Assert.Equal(RunStatus.Finished, found.Status);
        Assert.Equal(0.5, Assert.Single(found.Metrics).Value);
        Assert.Equal("deep/note.txt", Assert.Single(await client.ListArtifactsAsync(found.RunId, Cancel).ToListAsync(Cancel)).Path);
    }

    [Fact]
    public async Task An_entry_or_a_start_that_can_t_be_read_keeps_no_other_run()
    {
        using var client = server.Connect();
        var options = server.Options("damaged");
        await server.KillAsync();
        foreach (var name in new[] { "entry", "start", "good" })
        {
            var run = await client.StartRunAsync(options with { Name = name }, cancellationToken: Cancel);
            await run.LogMetricAsync("loss", 1, cancellationToken: Cancel);
            run.Complete();
            await run.DisposeAsync();
        }

        await server.StartAsync();
        var folders = Directory.GetDirectories(client.SpoolOf(options.SpoolFolder)).Order(StringComparer.Ordinal).ToList();
        await File.WriteAllBytesAsync(Directory.GetFiles(folders[0], "*.log").Single(), [0xff, 0xff], Cancel);
        await File.WriteAllBytesAsync(Path.Combine(folders[1], "start"), [0xff, 0xff], Cancel);

        var sent = await SyncAsync(options.SpoolFolder);

        Assert.Equal(1, sent.Code);
        Assert.Contains("can't be read", sent.Output, StringComparison.Ordinal);
        Assert.Equal(["entry", "good"], (await client.SearchRunsAsync("", ["damaged"], cancellationToken: Cancel).ToListAsync(Cancel)).Select(run => run.Name).Order());
        Assert.False(Directory.Exists(folders[2]));
    }

    private async Task<(int Code, string Output, string Complaints)> SyncAsync(string spool)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Repository.File("src", "MLOpsLearn.Cli", "bin", "Release", "net10.0", "mlops"),
            ["runs", "sync", spool, "--server", server.Address.ToString(), "--grpc", server.Grpc.ToString()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        return await process.EndAsync();
    }
}
