using System.Text.Json.Nodes;
using MLOpsLearn.Cli.Transfer;
using MLOpsLearn.Client.Tests;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Transfer;

/// <summary>Two servers of ours: one is filled over MLflow's REST API, and read over it like any other MLflow server.</summary>
public sealed class TransferTests : IAsyncLifetime
{
    private readonly ServerProcess _from = new();
    private readonly ServerProcess _to = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await Task.WhenAll(_from.StartAsync(), _to.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _from.DisposeAsync();
        await _to.DisposeAsync();
    }

    [Fact]
    public async Task An_import_that_is_killed_in_the_middle_goes_on_and_has_everything_once()
    {
        using var old = new Store(_from.Address);
        using var here = new Store(_to.Address);
        await old.FillAsync(runs: 80, points: 1500);
        string[] command = ["import", "--from", _from.Address.ToString(), "--server", _to.Address.ToString(), "--json"];
        var kills = 0;
        foreach (var count in new[] { 5, 40 })
        {
            using var import = Mlops.Start(command);
            while (await here.CountAsync() < count && !import.HasExited)
            {
                await Task.Delay(10, Cancel);
            }

            kills += import.HasExited ? 0 : 1;
            import.Kill();
            await import.WaitForExitAsync(Cancel);
        }

        Assert.True(kills > 0, "No import was there to be killed.");
        var (code, output, complaints) = await Mlops.RunAsync(command);
        var (codeAgain, outputAgain, _) = await Mlops.RunAsync(command);

        Assert.True((code, codeAgain) == (ExitCodes.Done, ExitCodes.Done), complaints);
        var (summary, again) = (JsonNode.Parse(output)!, JsonNode.Parse(outputAgain)!);
        Assert.True((int)summary["runs"]! is > 0 and < 80, output);
        Assert.Equal(80, (int)summary["runs"]! + (int)summary["runs_there_already"]!);
        Assert.Equal((0, 80, 0, 2, 0), ((int)again["runs"]!, (int)again["runs_there_already"]!, (int)again["versions"]!, (int)again["versions_there_already"]!, (int)again["skipped_count"]!));
        Assert.Equal(await old.DescribeAsync(), await here.DescribeAsync());
    }

    [Fact]
    public async Task What_is_exported_to_a_folder_comes_back_as_it_was()
    {
        using var old = new Store(_from.Address);
        using var here = new Store(_to.Address);
        await old.FillAsync(runs: 6, points: 20);
        var folder = Path.Combine(_from.Folder("export"), "backup");

        var (_, exported, _) = await Mlops.RunAsync("export", folder, "--server", _from.Address.ToString(), "--json");
        var (_, exportedAgain, _) = await Mlops.RunAsync("export", folder, "--server", _from.Address.ToString(), "--json");
        var (code, imported, complaints) = await Mlops.RunAsync("import", "--from", folder, "--server", _to.Address.ToString(), "--json");

        Assert.True(code == ExitCodes.Done, complaints);
        Assert.Equal((6, 6, 6), ((int)JsonNode.Parse(exported)!["runs"]!, (int)JsonNode.Parse(exportedAgain)!["runs_there_already"]!, (int)JsonNode.Parse(imported)!["runs"]!));
        Assert.Equal(await old.DescribeAsync(), await here.DescribeAsync());
        var (listed, table, _) = await Mlops.RunAsync("runs", "search", "params.trees = '4'", "--server", _to.Address.ToString(), "--grpc", _to.Grpc.ToString());
        Assert.Equal(ExitCodes.Done, listed);
        Assert.Contains("run 4", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_go_to_a_run_and_come_back()
    {
        using var client = _to.Connect();
        string run;
        await using (var active = await client.StartRunAsync(_to.Options("files"), cancellationToken: Cancel))
        {
            run = active.RunId!;
        }

        var (local, back) = (_to.Folder("local"), _to.Folder("back"));
        Directory.CreateDirectory(Path.Combine(local, "deep down"));
        await File.WriteAllTextAsync(Path.Combine(local, "deep down", "a.txt"), "one", Cancel);
        await File.WriteAllTextAsync(Path.Combine(local, "b.txt"), "two", Cancel);
        string[] server = ["--server", _to.Address.ToString(), "--grpc", _to.Grpc.ToString()];

        var up = await Mlops.RunAsync(["artifacts", "upload", run, local, "plots", .. server]);
        var down = await Mlops.RunAsync(["artifacts", "download", run, "plots/deep down", "--to", back, .. server]);
        var list = await Mlops.RunAsync(["artifacts", "list", run, "--json", .. server]);
        await File.WriteAllTextAsync(Path.Combine(local, "b.txt"), "changed", Cancel);
        var refused = await Mlops.RunAsync(["artifacts", "upload", run, Path.Combine(local, "b.txt"), "plots/b.txt", .. server]);
        var missing = await Mlops.RunAsync(["artifacts", "download", run, "none", "--to", back, .. server]);

        Assert.True((up.Code, down.Code, list.Code) == (ExitCodes.Done, ExitCodes.Done, ExitCodes.Done), up.Complaints + down.Complaints + list.Complaints);
        Assert.Equal(["plots/b.txt", "plots/deep down/a.txt"], JsonNode.Parse(list.Output)!.AsArray().Select(artifact => artifact.Text("path")));
        Assert.Equal([Path.Combine(back, "plots", "deep down", "a.txt")], Directory.EnumerateFiles(back, "*", SearchOption.AllDirectories));
        Assert.Equal("one", await File.ReadAllTextAsync(Path.Combine(back, "plots", "deep down", "a.txt"), Cancel));
        Assert.Equal((ExitCodes.BadInput, ExitCodes.BadInput), (refused.Code, missing.Code));
        Assert.Matches("^mlops: [^\n]+\n$", refused.Complaints);
    }
}
