using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Each call on model versions as the original answers it, on both databases.</summary>
public sealed class ModelVersionTests(PostgresFixture postgres)
{
    private const string LoggedModel = "m-0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Versions_are_created_read_described_and_deleted(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        app.Time.Advance(TimeSpan.FromSeconds(1));

        var created = await client.PostAsync(
            "model-versions/create", """{"name": "taxi", "source": "runs:/r1/model", "run_id": "r1", "run_link": "http://x/r1", "description": "first", "tags": [{"key": "a", "value": "1"}]}""");
        var now = app.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(
            $$$"""{"model_version":{"name":"taxi","version":"1","creation_timestamp":{{{now}}},"last_updated_timestamp":{{{now}}},"current_stage":"None","description":"first","source":"runs:/r1/model","run_id":"r1","status":"READY","run_link":"http://x/r1","tags":[{"key":"a","value":"1"}]}}""",
            created.Text);
        Assert.Equal(created.Text, (await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "1"))).Text);
        Assert.Equal(now, (await client.GetAsync("registered-models/get", ("name", "taxi")))["registered_model"].GetProperty("last_updated_timestamp").GetInt64());
        Assert.Equal("runs:/r1/model", (await client.GetAsync("model-versions/get-download-uri", ("name", "taxi"), ("version", "1")))["artifact_uri"].GetString());

        app.Time.Advance(TimeSpan.FromSeconds(1));
        var described = await client.PatchAsync("model-versions/update", """{"name": "taxi", "version": "1", "description": "other"}""");
        Assert.Equal("other", described["model_version"].GetProperty("description").GetString());
        Assert.Equal(now + 1000, described["model_version"].GetProperty("last_updated_timestamp").GetInt64());
        Assert.Equal("", (await client.PatchAsync("model-versions/update", """{"name": "taxi", "version": "1"}"""))["model_version"].GetProperty("description").GetString());

        await client.PostAsync("registered-models/alias", """{"name": "taxi", "alias": "best", "version": "1"}""");
        Assert.Equal("{}", (await client.DeleteAsync("model-versions/delete", """{"name": "taxi", "version": "1"}""")).Text);
        Assert.Equal((404, "Model Version (name=taxi, version=1) not found"), Said(await client.DeleteAsync("model-versions/delete", """{"name": "taxi", "version": "1"}""")));
        Assert.Equal(400, (await client.GetAsync("registered-models/alias", ("name", "taxi"), ("alias", "best"))).Status);
        Assert.Equal("2", await client.AddVersionAsync("taxi"));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Stages_move_and_make_room(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        for (var i = 0; i < 3; i++)
        {
            await client.AddVersionAsync("taxi");
        }

        async Task<Reply> MoveAsync(string version, string stage, string more = "") =>
            await client.PostAsync("model-versions/transition-stage", $$"""{"name": "taxi", "version": "{{version}}", "stage": "{{stage}}"{{more}}}""");

        await MoveAsync("1", "Production");
        await MoveAsync("2", "Production");
        var moved = await MoveAsync("3", "production", """, "archive_existing_versions": true""");
        Assert.Equal("Production", moved["model_version"].GetProperty("current_stage").GetString());
        var all = await client.GetAsync("model-versions/search", ("filter", "name='taxi'"), ("order_by", "version_number ASC"));
        Assert.Equal(["Archived", "Archived", "Production"], all.Column("model_versions", "current_stage"));
        Assert.Equal((400, "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived."), Said(await MoveAsync("1", "Live")));
        Assert.Equal(400, (await MoveAsync("1", "Archived", """, "archive_existing_versions": true""")).Status);
        Assert.Equal((404, "Model Version (name=taxi, version=7) not found"), Said(await MoveAsync("7", "Staging")));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Tags_of_a_version_are_set_and_removed(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        await client.AddVersionAsync("taxi");

        Assert.Equal("{}", (await client.PostAsync("model-versions/set-tag", """{"name": "taxi", "version": "1", "key": "k", "value": "a"}""")).Text);
        Assert.Equal("{}", (await client.PostAsync("model-versions/set-tag", """{"name": "taxi", "version": "1", "key": "k", "value": "b"}""")).Text);
        Assert.Contains("""[{"key":"k","value":"b"}]""", (await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "1"))).Text, StringComparison.Ordinal);
        Assert.Equal("{}", (await client.DeleteAsync("model-versions/delete-tag", """{"name": "taxi", "version": "1", "key": "k"}""")).Text);
        Assert.Equal("{}", (await client.DeleteAsync("model-versions/delete-tag", """{"name": "taxi", "version": "1", "key": "k"}""")).Text);
        Assert.Equal((404, "Model Version (name=taxi, version=2) not found"), Said(await client.PostAsync("model-versions/set-tag", """{"name": "taxi", "version": "2", "key": "k", "value": "a"}""")));
        Assert.Equal((400, "Parameter 'version' must be an integer, got 'abc'."), Said(await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "abc"))));
        Assert.Equal((404, "Model Version (name=none, version=1) not found"), Said(await client.GetAsync("model-versions/get", ("name", "none"), ("version", "1"))));
        Assert.Equal(404, (await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "99999999999999999999"))).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Versions_made_at_once_are_numbered_without_gaps(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");

        var numbers = await Task.WhenAll(Enumerable.Range(0, 30).Select(async i =>
        {
            var version = await client.AddVersionAsync("taxi");
            await client.PostAsync("registered-models/alias", $$"""{"name": "taxi", "alias": "hot", "version": "{{version}}"}""");
            return int.Parse(version, System.Globalization.CultureInfo.InvariantCulture);
        }));

        Assert.Equal(Enumerable.Range(1, 30), numbers.Order());
        Assert.Equal(200, (await client.GetAsync("registered-models/alias", ("name", "taxi"), ("alias", "hot"))).Status);
    }

    [Fact]
    public async Task A_source_that_names_a_logged_model_or_a_version_is_followed()
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        app.World.LoggedModels[LoggedModel] = new();
        await client.AddModelAsync("taxi");

        var logged = await client.PostAsync("model-versions/create", $$"""{"name": "taxi", "source": "models:/{{LoggedModel}}"}""");
        var copied = await client.PostAsync("model-versions/create", """{"name": "taxi", "source": "models:/taxi/1"}""");

        Assert.Equal("0123456789abcdef0123456789abcdef", logged["model_version"].GetProperty("run_id").GetString());
        Assert.Equal(LoggedModel, logged["model_version"].GetProperty("model_id").GetString());
        Assert.Equal($$"""[{"name": "taxi", "version": 1}]""", app.World.LoggedModels[LoggedModel]["mlflow.modelVersions"]);
        var shown = (await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "1")))["model_version"];
        Assert.Equal("""[{"name":"depth","value":"6"}]""", shown.GetProperty("model_params").GetRawText());
        Assert.Equal((2.5, LoggedModel), (shown.GetProperty("model_metrics")[0].GetProperty("value").GetDouble(), shown.GetProperty("model_metrics")[0].GetProperty("model_id").GetString()));
        app.World.LoggedModels.Clear();
        Assert.False((await client.GetAsync("model-versions/get", ("name", "taxi"), ("version", "1")))["model_version"].TryGetProperty("model_params", out _));
        Assert.Equal("models:/taxi/1", copied["model_version"].GetProperty("source").GetString());
        foreach (var version in new[] { "1", "2" })
        {
            var uri = await client.GetAsync("model-versions/get-download-uri", ("name", "taxi"), ("version", version));
            Assert.Equal($"mlflow-artifacts:/0/models/{LoggedModel}/artifacts", uri["artifact_uri"].GetString());
        }

        Assert.Equal((404, "Model Version (name=taxi, version=9) not found"), Said(await client.PostAsync("model-versions/create", """{"name": "taxi", "source": "models:/taxi/9"}""")));
        Assert.Equal(404, (await client.PostAsync("model-versions/create", """{"name": "taxi", "source": "models:/m-ffffffffffffffffffffffffffffffff"}""")).Status);
        Assert.Equal((404, "Registered Model with name=none not found"), Said(await client.PostAsync("model-versions/create", """{"name": "none", "source": "s3://b/m"}""")));
    }

    [Fact]
    public async Task A_file_of_a_version_is_streamed_from_tracking()
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        var run = app.World.AddRun();
        await client.AddModelAsync("taxi");
        await client.AddVersionAsync("taxi", "", $"runs:/{run}/model");
        await client.AddVersionAsync("taxi");
        Task<HttpResponseMessage> GetAsync(string query) => app.Http.GetAsync("/model-versions/get-artifact?" + query, RegistryApp.Cancel);

        using var file = await GetAsync("name=taxi&version=1&path=model.bin");
        using var none = await GetAsync("name=taxi&version=1&path=other.bin");
        using var out1 = await GetAsync("name=taxi&version=1&path=..%2Fmodel.bin");
        using var far = await GetAsync("name=taxi&version=2&path=model.bin");
        using var noVersion = await GetAsync("name=taxi&version=9&path=model.bin");
        using var noPath = await GetAsync("name=taxi&version=1");

        Assert.Equal([1, 2, 3], await file.Content.ReadAsByteArrayAsync(RegistryApp.Cancel));
        Assert.Equal([404, 400, 400, 404, 400], new[] { none, out1, far, noVersion, noPath }.Select(answer => (int)answer.StatusCode));
    }

    [Theory]
    [InlineData("/etc/passwd", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("relative/path", false)]
    [InlineData("mlflow-artifacts:/0/../../etc", false)]
    [InlineData("mlflow-artifacts:/0/%2e%2e/%252e%252e/etc", false)]
    [InlineData("http://host/%2E%2E%2Fetc", false)]
    [InlineData("s3://bucket//x", true)]
    [InlineData("https://host/a/./b", false)]
    [InlineData("s3://bucket/model", true)]
    [InlineData("runs:/abc/model", true)]
    [InlineData("mlflow-artifacts:/0/run/artifacts/model", true)]
    [InlineData("dbfs:/models/m", true)]
    [InlineData("https://host/model?sig=a/../b", true)]
    public async Task Sources_that_lead_to_this_machines_files_are_refused(string source, bool isTaken)
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");

        var reply = await client.PostAsync("model-versions/create", $$"""{"name": "taxi", "source": "{{source}}", "run_id": "r1"}""");

        Assert.Equal(isTaken ? (200, "") : (400, "INVALID_PARAMETER_VALUE"), (reply.Status, reply.Code));
    }

    [Fact]
    public async Task A_version_of_a_foreign_client_is_seen_by_our_own_calls()
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        // Wider than what our own calls would create.
        var name = new string('n', 300) + "\t";
        await client.AddModelAsync(name);
        await client.AddVersionAsync(name, """, "run_id": "not-a-run", "tags": [{"key": "a", "value": "1"}]""");
        await app.Client.PutPromotionPolicyAsync(new PutPromotionPolicyRequest { Model = name, Policy = new PromotionPolicy() }, cancellationToken: RegistryApp.Cancel);

        var version = await app.Client.GetModelVersionAsync(new GetModelVersionRequest { Model = name, Version = 1 }, cancellationToken: RegistryApp.Cancel);
        var lineage = await app.Client.GetLineageAsync(new GetLineageRequest { Model = name, Version = 1 }, cancellationToken: RegistryApp.Cancel);
        var listed = await app.Client.ListModelsAsync(new ListModelsRequest(), cancellationToken: RegistryApp.Cancel);
        var gate = await RegistryApp.FailsAsync(
            Grpc.Core.StatusCode.FailedPrecondition,
            app.Client.EvaluateModelVersionAsync(new EvaluateModelVersionRequest { Model = name, Version = 1, ScoredRowsPath = "rows.parquet" }, cancellationToken: RegistryApp.Cancel));

        Assert.Equal(("s3://bucket/model", "", "1", "None"), (version.Source, version.ModelFile, version.Tags["a"], version.Stage));
        Assert.Equal(["run", "version"], lineage.Steps.Select(step => step.Kind));
        Assert.Equal(1, Assert.Single(listed.Models).LatestVersion);
        Assert.Contains("no run", gate.Status.Detail, StringComparison.Ordinal);
    }

    private static (int Status, string Message) Said(Reply reply) => (reply.Status, reply.Message);
}
