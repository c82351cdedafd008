using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Garbage;

/// <summary>What was deleted long enough ago goes for good; nothing else does.</summary>
public abstract class GarbageTests(MLflowServers servers, S3Server? s3)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Deleted_runs_go_with_their_files_and_what_others_share_stays(string database)
    {
        await using var app = await TrackingApp.StartAsync(connectionString: await servers.DatabaseAsync(database), s3: s3, withRegistry: true);
        app.Services.GetRequiredService<IOptions<ArtifactOptions>>().Value.SweepGrace = TimeSpan.Zero;
        var client = new MLflowClient(app.Http) { App = app };
        var (kept, gone, later) = (await client.NewRunAsync(), await client.NewRunAsync(), await client.NewRunAsync());
        await PutAsync(client, kept, "shared.txt", "shared");
        await PutAsync(client, gone, "shared.txt", "shared");
        await PutAsync(client, gone, "own.txt", "own");
        await client.PostAsync("runs/log-metric", new { run_id = gone, key = "m", value = 1.0, timestamp = 1 });
        await client.PostAsync("runs/delete", new { run_id = gone });
        app.Time.AdjustTime(app.Time.GetUtcNow() + TimeSpan.FromDays(2));
        await client.PostAsync("runs/delete", new { run_id = later });
        var request = new CollectGarbageRequest { DeletedForSeconds = 24 * 3600, DryRun = true };

        var planned = await app.Client.CollectGarbageAsync(request, cancellationToken: Cancel);
        Assert.Equal(([gone], 1L, 2L, 9L, 0L), (planned.RunIds, planned.Runs, planned.Artifacts, planned.ArtifactBytes, planned.Contents));
        Assert.Equal(2, app.StoredFiles.Count());
        var elsewhere = await app.Client.CollectGarbageAsync(new CollectGarbageRequest { ExperimentIds = { 77 } }, cancellationToken: Cancel);
        Assert.Equal((0L, 0L), (elsewhere.Runs, elsewhere.Contents));
        request.DryRun = false;
        var collected = await app.Client.CollectGarbageAsync(request, cancellationToken: Cancel);

        Assert.Equal((1L, 1L, 3L), (collected.Runs, collected.Contents, collected.ContentBytes));
        Assert.Single(app.StoredFiles);
        await client.GetRefusedAsync($"runs/get?run_id={gone}", "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal("deleted", (string)(await client.RunAsync(later))["info"]!["lifecycle_stage"]!);
        Assert.Equal("shared", await app.Http.GetStringAsync($"/api/2.0/mlflow-artifacts/artifacts/0/{kept}/artifacts/shared.txt", Cancel));
        await PutAsync(client, kept, "again.txt", "own");
        Assert.Equal("own", await app.Http.GetStringAsync($"/api/2.0/mlflow-artifacts/artifacts/0/{kept}/artifacts/again.txt", Cancel));
        await TrackingApp.FailsAsync(Grpc.Core.StatusCode.InvalidArgument, app.Client.CollectGarbageAsync(new CollectGarbageRequest { DeletedForSeconds = -1 }, cancellationToken: Cancel));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_deleted_experiment_goes_with_its_last_run_and_its_name_is_free(string database)
    {
        await using var app = await TrackingApp.StartAsync(connectionString: await servers.DatabaseAsync(database), s3: s3, withRegistry: true);
        var client = new MLflowClient(app.Http) { App = app };
        var (empty, used) = ((string)(await client.PostAsync("experiments/create", new { name = "empty" }))["experiment_id"]!, (string)(await client.PostAsync("experiments/create", new { name = "used" }))["experiment_id"]!);
        var run = await client.NewRunAsync(used);
        foreach (var id in new[] { empty, used })
        {
            await client.PostAsync("experiments/delete", new { experiment_id = id });
        }

        await client.PostAsync("runs/restore", new { run_id = run });
        var first = await app.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel);
        await client.PostAsync("runs/delete", new { run_id = run });
        var second = await app.Client.CollectGarbageAsync(new CollectGarbageRequest { ExperimentIds = { long.Parse(used, System.Globalization.CultureInfo.InvariantCulture) } }, cancellationToken: Cancel);

        Assert.Equal((1L, 0L, 1L, 1L), (first.Experiments, first.Runs, second.Experiments, second.Runs));
        await client.PostAsync("experiments/create", new { name = "empty" });
        await client.PostAsync("experiments/create", new { name = "used" });
    }

    [Fact]
    public async Task Content_that_is_young_is_left_alone()
    {
        await using var app = await TrackingApp.StartAsync(s3: s3, withRegistry: true);
        var client = new MLflowClient(app.Http) { App = app };
        var run = await client.NewRunAsync();
        await PutAsync(client, run, "a.txt", "first");
        await PutAsync(client, run, "a.txt", "second");

        var collected = await app.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel);

        Assert.Equal(0L, collected.Contents);
        Assert.Equal(2, app.StoredFiles.Count());
    }

    private static async Task PutAsync(MLflowClient client, string run, string path, string content)
    {
        using var response = await client.Http.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/{path}", new ByteArrayContent(Encoding.UTF8.GetBytes(content)), Cancel);
        response.EnsureSuccessStatusCode();
    }
}

/// <summary>In a folder.</summary>
public sealed class FolderGarbageTests(MLflowServers servers) : GarbageTests(servers, null);

/// <summary>In a bucket.</summary>
public sealed class S3GarbageTests(MLflowServers servers, S3Server s3) : GarbageTests(servers, s3);
