using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Protocols.Native;

/// <summary>What MLflow's calls tell of datasets and logged models, the native calls tell too.</summary>
public sealed class LoggedModelParityTests(MLflowServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task What_a_run_took_in_and_gave_out_is_the_same(string database)
    {
        var client = await servers.ClientAsync(database);
        var native = client.App.Client;
        var experiment = await client.NewExperimentAsync();
        var id = await client.NewRunAsync(experiment);
        var model = (await native.CreateLoggedModelAsync(new CreateLoggedModelRequest { ExperimentId = long.Parse(experiment), Name = "m" }, cancellationToken: Cancel)).ModelId;

        await native.LogInputsAsync(
            new LogInputsRequest
            {
                RunId = id,
                Datasets = { new DatasetInput { Name = "trips", Digest = "d1", SourceType = "local", Source = "x.csv", Tags = { ["mlflow.data.context"] = "training" } } },
                ModelIds = { model },
            },
            cancellationToken: Cancel);
        await native.LogOutputsAsync(new LogOutputsRequest { RunId = id, Models = { new ModelOutput { ModelId = model, Step = 3 } } }, cancellationToken: Cancel);

        var there = await client.RunAsync(id);
        var here = await native.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
        var found = await native.SearchDatasetsAsync(new SearchDatasetsRequest { ExperimentIds = { long.Parse(experiment) } }, cancellationToken: Cancel);
        Assert.Equal("trips", (string)there["inputs"]!["dataset_inputs"]![0]!["dataset"]!["name"]!);
        Assert.Equal($$"""[{"model_id":"{{model}}"}]""", there["inputs"]!["model_inputs"]!.ToJsonString());
        Assert.Equal($$"""[{"model_id":"{{model}}","step":3}]""", there["outputs"]!["model_outputs"]!.ToJsonString());
        Assert.Equal(("d1", "training", "x.csv"), (here.DatasetInputs[0].Digest, here.DatasetInputs[0].Tags["mlflow.data.context"], here.DatasetInputs[0].Source));
        Assert.Equal((model, new ModelOutput { ModelId = model, Step = 3 }), (Assert.Single(here.ModelInputs), Assert.Single(here.ModelOutputs)));
        Assert.Equal(new DatasetSummary { ExperimentId = long.Parse(experiment), Name = "trips", Digest = "d1", Context = "training" }, Assert.Single(found.Datasets));
        var refused = await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.LogInputsAsync(new LogInputsRequest { RunId = id, Datasets = { new DatasetInput { Digest = new string('d', 37) } } }, cancellationToken: Cancel));
        Assert.Contains("datasets[0].name must not be empty", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("datasets[0].digest must have at most 36 characters", refused.Status.Detail, StringComparison.Ordinal);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.LogOutputsAsync(new LogOutputsRequest { RunId = id }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.SearchDatasetsAsync(new SearchDatasetsRequest(), cancellationToken: Cancel));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_logged_model_lives_the_same_life(string database)
    {
        var client = await servers.ClientAsync(database);
        var native = client.App.Client;
        var experiment = await client.NewExperimentAsync();
        var runId = await client.NewRunAsync(experiment);
        var request = new CreateLoggedModelRequest
        {
            RequestId = TrackingApp.NewId(),
            ExperimentId = long.Parse(experiment),
            Name = "trees",
            ModelType = "sklearn",
            SourceRunId = runId,
            Params = { ["depth"] = "6" },
            Tags = { ["a"] = "1" },
        };
        var made = await native.CreateLoggedModelAsync(request, cancellationToken: Cancel);
        var other = await native.CreateLoggedModelAsync(new CreateLoggedModelRequest { ExperimentId = long.Parse(experiment) }, cancellationToken: Cancel);

        Assert.Equal(made, await native.CreateLoggedModelAsync(request, cancellationToken: Cancel));
        Assert.Matches("^[a-z]+-[a-z]+-[0-9]+$", other.Name);
        await native.LogBatchAsync(
            new LogBatchRequest { RunId = runId, Metrics = { new Metric { Key = "rmse", Value = 2, Time = new() { Seconds = 1 }, ModelId = made.ModelId, DatasetName = "trips", DatasetDigest = "d" } } }, cancellationToken: Cancel);
        await native.DescribeLoggedModelAsync(new DescribeLoggedModelRequest { ModelId = made.ModelId, Params = { ["rate"] = "0.1" }, Tags = { ["b"] = "2" } }, cancellationToken: Cancel);
        await native.DeleteLoggedModelTagAsync(new DeleteLoggedModelTagRequest { ModelId = made.ModelId, Key = "a" }, cancellationToken: Cancel);
        await TrackingApp.FailsAsync(StatusCode.NotFound, native.DeleteLoggedModelTagAsync(new DeleteLoggedModelTagRequest { ModelId = made.ModelId, Key = "a" }, cancellationToken: Cancel));
        var here = await native.FinishLoggedModelAsync(new FinishLoggedModelRequest { ModelId = made.ModelId, Status = LoggedModelStatus.Ready }, cancellationToken: Cancel);

        var there = (await client.GetAsync($"logged-models/{made.ModelId}"))["model"]!;
        Assert.Equal(("LOGGED_MODEL_READY", LoggedModelStatus.Ready), ((string)there["info"]!["status"]!, here.Status));
        Assert.Equal(("""[{"key":"b","value":"2"}]""", 1), (there["info"]!["tags"]!.ToJsonString(), here.Tags.Count));
        Assert.Equal((2, 2), (there["data"]!["params"]!.AsArray().Count, here.Params.Count));
        Assert.Equal(((string)there["info"]!["artifact_uri"]!, runId), (here.ArtifactUri, here.SourceRunId));
        Assert.Equal((2.0, "trips", runId), (here.Metrics[0].Metric.Value, here.Metrics[0].Metric.DatasetName, here.Metrics[0].RunId));
        foreach (var filter in new[] { "metrics.rmse < 3", "params.depth = '6'", "name LIKE 'tr%'", "status = 'PENDING'", "" })
        {
            var foundThere = (await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter, order_by = new[] { new { field_name = "metrics.rmse" } } }))["models"]!.AsArray();
            var foundHere = new List<LoggedModel>();
            var search = new SearchLoggedModelsRequest { ExperimentIds = { long.Parse(experiment) }, Filter = filter, OrderBy = { "metrics.rmse" }, PageSize = 1 };
            do
            {
                var page = await native.SearchLoggedModelsAsync(search, cancellationToken: Cancel);
                foundHere.AddRange(page.Models);
                search.PageToken = page.NextPageToken;
            }
            while (search.PageToken.Length > 0);

            Assert.NotEmpty(foundHere);
            Assert.Equal(foundThere.Select(found => (string)found!["info"]!["model_id"]!), foundHere.Select(found => found.ModelId));
        }

        await native.DeleteLoggedModelAsync(new DeleteLoggedModelRequest { ModelId = made.ModelId }, cancellationToken: Cancel);
        await client.GetRefusedAsync($"logged-models/{made.ModelId}", "RESOURCE_DOES_NOT_EXIST", 404);
        await TrackingApp.FailsAsync(StatusCode.NotFound, native.GetLoggedModelAsync(new GetLoggedModelRequest { ModelId = made.ModelId }, cancellationToken: Cancel));
        Assert.True((await native.GetLoggedModelAsync(new GetLoggedModelRequest { ModelId = made.ModelId, AllowDeleted = true }, cancellationToken: Cancel)).Deleted);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.CreateLoggedModelAsync(new CreateLoggedModelRequest { Name = "a/b" }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.SearchLoggedModelsAsync(new SearchLoggedModelsRequest(), cancellationToken: Cancel));
    }
}
