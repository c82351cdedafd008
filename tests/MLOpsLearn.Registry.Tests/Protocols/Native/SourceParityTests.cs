using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Tests.Data;
using MLOpsLearn.Registry.Tests.Protocols.MLflow;

namespace MLOpsLearn.Registry.Tests.Protocols.Native;

/// <summary>Versions that come with a source only, prompts among them, are the same by either protocol.</summary>
public sealed class SourceParityTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_source_becomes_the_same_version(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var there = new MLflowClient(app.Http);
        var modelId = "m-" + new string('0', 32);
        app.World.LoggedModels[modelId] = new();
        await there.AddModelAsync("m");
        await app.Client.CreateModelAsync(new CreateModelRequest { Name = "p", Tags = { ["mlflow.prompt.is_prompt"] = "true" } }, cancellationToken: Cancel);
        var request = new RegisterSourceRequest { RequestId = RegistryApp.NewId(), Model = "m", Source = "s3://bucket/x", RunId = "r", RunLink = "http://r", Description = "d", Tags = { ["a"] = "1" } };
        var first = await app.Client.RegisterSourceAsync(request, cancellationToken: Cancel);
        var again = await app.Client.RegisterSourceAsync(request, cancellationToken: Cancel);
        var copy = await app.Client.RegisterSourceAsync(new RegisterSourceRequest { Model = "m", Source = "models:/m/1" }, cancellationToken: Cancel);
        var logged = await app.Client.RegisterSourceAsync(new RegisterSourceRequest { Model = "m", Source = $"models:/{modelId}" }, cancellationToken: Cancel);
        var prompt = await app.Client.RegisterSourceAsync(
            new RegisterSourceRequest { Model = "p", Source = "prompt-template", Tags = { ["mlflow.prompt.is_prompt"] = "true", ["mlflow.prompt.text"] = "Hi" } }, cancellationToken: Cancel);

        Assert.Equal(first, again);
        var seen = (await there.GetAsync("model-versions/get", ("name", "m"), ("version", "1")))["model_version"];
        Assert.Equal(("s3://bucket/x", "r", "http://r", "d"), (seen.GetProperty("source").GetString(), seen.GetProperty("run_id").GetString(), seen.GetProperty("run_link").GetString(), seen.GetProperty("description").GetString()));
        Assert.Equal((2, "s3://bucket/x"), (copy.Version, copy.DownloadUri));
        Assert.Equal(("s3://bucket/x", modelId), ((await there.GetAsync("model-versions/get-download-uri", ("name", "m"), ("version", "2")))["artifact_uri"].GetString(), logged.ModelId));
        Assert.Equal((await there.GetAsync("model-versions/get-download-uri", ("name", "m"), ("version", "3")))["artifact_uri"].GetString(), logged.DownloadUri);
        Assert.Contains("\"name\": \"m\", \"version\": 3", app.World.LoggedModels[modelId]["mlflow.modelVersions"], StringComparison.Ordinal);
        Assert.Equal("Hi", prompt.Tags["mlflow.prompt.text"]);
        Assert.Empty((await app.Client.SearchModelVersionsAsync(new SearchRequest { Filter = "name = 'p'" }, cancellationToken: Cancel)).Versions);
        Assert.Single((await app.Client.SearchModelVersionsAsync(new SearchRequest { Filter = "name = 'p' AND tags.`mlflow.prompt.is_prompt` = 'true'" }, cancellationToken: Cancel)).Versions);

        await app.Client.MoveModelVersionAsync(new MoveModelVersionRequest { Model = "m", Version = 1, Stage = "Production" }, cancellationToken: Cancel);
        var latest = await app.Client.GetLatestVersionsAsync(new GetLatestVersionsRequest { Model = "m" }, cancellationToken: Cancel);
        var production = await app.Client.GetLatestVersionsAsync(new GetLatestVersionsRequest { Model = "m", Stages = { "production" } }, cancellationToken: Cancel);
        Assert.Equal((await there.PostAsync("registered-models/get-latest-versions", """{"name": "m"}""")).Column("model_versions", "version"), latest.Versions.Select(version => $"{version.Version}"));
        Assert.Equal([1], production.Versions.Select(version => version.Version));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.GetLatestVersionsAsync(new GetLatestVersionsRequest { Model = "m", Stages = { "Live" } }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("m", "/etc/passwd", StatusCode.InvalidArgument)]
    [InlineData("m", "file:///etc/passwd", StatusCode.InvalidArgument)]
    [InlineData("m", "s3://bucket/../x", StatusCode.InvalidArgument)]
    [InlineData("m", "models:/m", StatusCode.InvalidArgument)]
    [InlineData("m", "", StatusCode.InvalidArgument)]
    [InlineData("m", "models:/m/7", StatusCode.NotFound)]
    [InlineData("m", "models:/m-00000000000000000000000000000000", StatusCode.NotFound)]
    [InlineData("none", "s3://bucket/x", StatusCode.NotFound)]
    public async Task A_source_that_must_not_be_or_is_not_there_is_refused(string model, string source, StatusCode code)
    {
        await using var app = await RegistryApp.StartAsync();
        await new MLflowClient(app.Http).AddModelAsync("m");

        await RegistryApp.FailsAsync(code, app.Client.RegisterSourceAsync(new RegisterSourceRequest { Model = model, Source = source }, cancellationToken: Cancel));

        Assert.Empty((await app.Client.ListModelVersionsAsync(new ListModelVersionsRequest { Model = "m" }, cancellationToken: Cancel)).Versions);
    }
}
