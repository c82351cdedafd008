using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>What clients rely on beyond the letter of each call.</summary>
public sealed class ClientHabitTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Without_an_order_the_version_changed_last_comes_first(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        foreach (var name in new[] { "b", "a", "c" })
        {
            await client.AddModelAsync(name);
            app.Time.Advance(TimeSpan.FromSeconds(1));
            await client.AddVersionAsync(name);
        }

        app.Time.Advance(TimeSpan.FromSeconds(1));
        await client.PatchAsync("model-versions/update", """{"name": "a", "version": "1", "description": "d"}""");

        Assert.Equal(["a", "c", "b"], await NamesAsync());
        Assert.Equal(["a", "b", "c"], await NamesAsync(("order_by", "name")));

        async Task<IEnumerable<string?>> NamesAsync(params (string, string)[] query) =>
            (await client.GetAsync("model-versions/search", query))["model_versions"].EnumerateArray().Select(version => version.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("mlflow-artifacts:/models/foo///bar", 200)]
    [InlineData("s3://bucket/a//b/", 200)]
    [InlineData("mlflow-artifacts://host:9000/models/artifact/..../", 200)]
    [InlineData("s3://bucket", 400)]
    [InlineData("s3://bucket/a/./b", 400)]
    [InlineData("s3://bucket/a//../b", 400)]
    [InlineData("s3://bucket/%2e%2e/b", 400)]
    public async Task A_source_is_an_absolute_path_whose_doubled_slashes_count_once(string source, int status)
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");

        Assert.Equal(status, (await client.PostAsync("model-versions/create", $$"""{"name": "taxi", "source": {{MLflowClient.Quote(source)}}}""")).Status);
    }

    [Fact]
    public async Task Names_that_no_model_can_have_are_refused_and_a_model_may_keep_its_own()
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        await client.AddVersionAsync("taxi");

        Assert.Equal(400, (await client.GetAsync("registered-models/get", ("name", "a/b"))).Status);
        Assert.Equal(400, (await client.GetAsync("registered-models/get", ("name", ".."))).Status);
        Assert.Equal("taxi", (await client.PostAsync("registered-models/rename", """{"name": "taxi", "new_name": "taxi"}"""))["registered_model"].GetProperty("name").GetString());
        Assert.Equal(200, (await client.PostAsync("registered-models/alias", """{"name": "taxi", "alias": "größte", "version": "1"}""")).Status);
        Assert.Equal("1", (await client.GetAsync("registered-models/alias", ("name", "taxi"), ("alias", "größte")))["model_version"].GetProperty("version").GetString());
    }

    [Fact]
    public async Task The_paths_of_old_clients_and_a_delete_without_a_body_work()
    {
        await using var app = await RegistryApp.StartAsync();
        var old = new MLflowClient(app.Http, "/api/2.0/preview/mlflow/");
        await old.AddModelAsync("taxi");

        Assert.Equal(1, (await old.GetAsync("registered-models/list", ("max_results", "10")))["registered_models"].GetArrayLength());
        using var answer = await app.Http.DeleteAsync("/api/2.0/mlflow/webhooks/nobody", TestContext.Current.CancellationToken);
        Assert.Contains("Webhook with ID nobody not found.", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_steps_up_is_refused_before_the_version_is_looked_for()
    {
        await using var app = await RegistryApp.StartAsync();

        using var answer = await app.Http.GetAsync("/model-versions/get-artifact?name=nobody&version=1&path=..%2Fpath", TestContext.Current.CancellationToken);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("   ", "Webhook URL cannot be empty or just whitespace")]
    [InlineData("ftp://example.com", "Invalid webhook URL scheme: 'ftp'")]
    [InlineData("http://[invalid", "Invalid webhook URL")]
    public async Task A_webhook_is_told_what_is_wrong_with_its_address(string url, string message)
    {
        await using var app = await RegistryApp.StartAsync();

        var reply = await new MLflowClient(app.Http).PostAsync(
            "webhooks", $$"""{"name": "w", "url": {{MLflowClient.Quote(url)}}, "events": [{"entity": "MODEL_VERSION", "action": "CREATED"}]}""");

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (reply.Status, reply.Code));
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
    }
}
