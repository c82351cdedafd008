using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>A client that somebody else wrote for the genuine server: "mlflow" of npm.</summary>
public sealed class NpmClientTests(MLflowServers servers)
{
    private const string Package = "mlflow@2.0.7";

    private const string Script =
        """
        const MLflow = require('mlflow');
        console.log = () => {};
        (async () => {
          const client = new MLflow({ endpoint: process.argv[2] });
          const name = 'npm ' + process.argv[3];
          const { experiment_id } = await client.Experiments.create({ name });
          const { run } = await client.Runs.create({ experiment_id, user_id: 'npm', start_time: 5, tags: [{ key: 'from', value: 'npm' }] });
          const run_id = run.info.run_id;
          await client.Runs.logMetric({ run_id, key: 'loss', value: 0.5, timestamp: 7, step: 1 });
          await client.Runs.logParameter({ run_id, key: 'depth', value: '6' });
          await client.Runs.setTag({ run_id, key: 'note', value: 'x' });
          await client.Runs.deleteTag({ run_id, key: 'note' });
          await client.Runs.logBatch({ run_id, metrics: [{ key: 'loss', value: 0.25, timestamp: 8, step: 2 }], params: [], tags: [] });
          const { metrics } = await client.Metrics.getHistory({ run_id, metric_key: 'loss' });
          const artifacts = await client.Artifacts.list({ run_id });
          await client.Runs.update({ run_id, status: 'FINISHED', end_time: 9 });
          const found = await client.Runs.search({ experiment_ids: [experiment_id], filter: "metrics.loss < 0.3 and params.depth = '6'", max_results: 5 });
          const listed = await client.Experiments.list();
          await client.Experiments.update({ experiment_id, new_name: name + ' renamed' });
          await client.Runs.delete({ run_id });
          const deleted = await client.Runs.get({ run_id });
          await client.Runs.restore({ run_id });
          await client.Experiments.delete({ experiment_id });
          await client.Experiments.restore({ experiment_id });
          const { experiment } = await client.Experiments.get({ experiment_id });
          let refused = '';
          try { await client.Runs.get({ run_id: 'nobody' }); } catch (error) { refused = error.message; }
          process.stdout.write(JSON.stringify({ run_id, metrics, found, listed: listed.experiments.length, stage: deleted.run.info.lifecycle_stage, experiment, refused, artifacts }));
        })().catch(error => { console.error(error); process.exit(1); });
        """;

    [Fact]
    public async Task It_logs_finds_and_removes_as_against_the_genuine_server()
    {
        Assert.SkipWhen(Find("npm") is null || Find("node") is null, "skipped: npm is not installed");
        var folder = Directory.CreateTempSubdirectory("mlops-npm");
        try
        {
            var install = await RunAsync(folder, "npm", "install", "--no-audit", "--no-fund", "--prefix", folder.FullName, Package);
            Assert.SkipWhen(install.ExitCode != 0, $"skipped: npm can't install {Package}: {install.Errors}");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "client.js"), Script, TestContext.Current.CancellationToken);
            var client = await servers.ClientAsync("sqlite");

            var (exitCode, output, errors) = await RunAsync(folder, "node", "client.js", client.Http.BaseAddress!.ToString().TrimEnd('/'), Guid.NewGuid().ToString("N"));

            Assert.True(exitCode == 0, errors);
            var answer = JsonNode.Parse(output)!;
            Assert.Equal([0.5, 0.25], answer["metrics"]!.AsArray().Select(metric => (double)metric!["value"]!));
            var found = Assert.Single(answer["found"]!["runs"]!.AsArray())!;
            Assert.Equal(((string)answer["run_id"]!, "FINISHED", 9L), ((string)found["info"]!["run_id"]!, (string)found["info"]!["status"]!, (long)found["info"]!["end_time"]!));
            Assert.True((int)answer["listed"]! > 0);
            Assert.EndsWith($"/{(string)answer["run_id"]!}/artifacts", (string)answer["artifacts"]!["root_uri"]!, StringComparison.Ordinal);
            Assert.Equal("deleted", (string)answer["stage"]!);
            Assert.Equal("active", (string)answer["experiment"]!["lifecycle_stage"]!);
            Assert.EndsWith("renamed", (string)answer["experiment"]!["name"]!, StringComparison.Ordinal);
            Assert.Contains("RESOURCE_DOES_NOT_EXIST", (string)answer["refused"]!, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(DirectoryInfo folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        return await process.EndAsync();
    }
}
