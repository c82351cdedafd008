namespace MLOpsLearn.Client.Tests.Docs;

/// <summary>The example of docs/client.md is this code, and this code runs.</summary>
[Collection(SharedServer.Name)]
public sealed class ClientPage(ServerProcess server)
{
    [Fact]
    public async Task The_example_works()
    {
        using var process = server.Connect();
        var model = Path.Combine(server.Folder("example"), "model.onnx");
        await File.WriteAllBytesAsync(model, Models.OnnxBytes.Model("x", "w", "y"), ServerProcess.Cancel);

        await TrainAsync(process.Server, process.Grpc, model);

        Assert.Equal(1, (await process.GetVersionAsync("trip-duration", "challenger", ServerProcess.Cancel)).Version);
    }

    [Fact]
    public void The_page_shows_this_code()
    {
        var code = File.ReadAllLines(Repository.File("tests", "MLOpsLearn.Client.Tests", "Docs", "ClientPage.cs"))
            .SkipWhile(line => line.Trim() != "// The example:").Skip(1).TakeWhile(line => line.Trim() != "// Its end.")
            .Select(line => line.Length > 8 ? line[8..] : "").ToList();

        Assert.NotEmpty(code);
        Assert.Contains(string.Join('\n', code), File.ReadAllText(Repository.File("docs", "client.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static async Task TrainAsync(Uri server, Uri grpc, string modelFile)
    {
        // The example:
        using var client = new MLOpsLearnClient(server, grpc);

        await using (var run = await client.StartRunAsync(new RunOptions { Experiment = "trips", Name = "trees-1" }))
        {
            await run.LogParamAsync("trees", "200");
            for (var epoch = 0; epoch < 10; epoch++)
            {
                await run.LogMetricAsync("rmse", 5.0 / (epoch + 1), epoch);
            }

            var version = await run.LogOnnxModelAsync(modelFile, registerAs: "trip-duration");
            await client.SetAliasAsync("trip-duration", "challenger", version!.Version, "first try");
            run.Complete();
        }

        await foreach (var found in client.SearchRunsAsync("metrics.rmse < 1 AND params.trees = '200'", ["trips"], ["metrics.rmse ASC"]))
        {
            Console.WriteLine($"{found.Name} {found.RunId}");
        }

        // Its end.
    }
}
