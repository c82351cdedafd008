using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Each call on registered models as the original answers it, on both databases.</summary>
public sealed class RegisteredModelTests(PostgresFixture postgres)
{
    private const string NoModel = "Registered Model with name=none not found";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Models_are_created_read_described_renamed_and_deleted(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);

        var created = await client.PostAsync("registered-models/create", """{"name": "taxi", "description": "rides", "tags": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}""");
        var now = app.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal($$$"""{"registered_model":{"name":"taxi","creation_timestamp":{{{now}}},"last_updated_timestamp":{{{now}}},"description":"rides","tags":[{"key":"a","value":"2"}]}}""", created.Text);
        Assert.Equal(created.Text, (await client.GetAsync("registered-models/get", ("name", "taxi"))).Text);

        app.Time.Advance(TimeSpan.FromSeconds(1));
        var described = await client.PatchAsync("registered-models/update", """{"name": "taxi", "description": "other"}""");
        Assert.Equal("other", described["registered_model"].GetProperty("description").GetString());
        Assert.Equal(now + 1000, described["registered_model"].GetProperty("last_updated_timestamp").GetInt64());
        Assert.False((await client.PatchAsync("registered-models/update", """{"name": "taxi"}"""))["registered_model"].TryGetProperty("description", out _));

        await client.AddVersionAsync("taxi", """, "tags": [{"key": "v", "value": "1"}]""");
        await client.PostAsync("registered-models/alias", """{"name": "taxi", "alias": "best", "version": "1"}""");
        var renamed = await client.PostAsync("registered-models/rename", """{"name": "taxi", "new_name": "cab"}""");
        Assert.Equal("cab", renamed["registered_model"].GetProperty("name").GetString());
        Assert.Equal("cab", renamed["registered_model"].GetProperty("latest_versions")[0].GetProperty("name").GetString());
        Assert.Equal("""[{"alias":"best","version":"1"}]""", renamed["registered_model"].GetProperty("aliases").GetRawText());
        Assert.Equal("""[{"key":"v","value":"1"}]""", (await client.GetAsync("model-versions/get", ("name", "cab"), ("version", "1")))["model_version"].GetProperty("tags").GetRawText());
        Assert.Equal(404, (await client.GetAsync("registered-models/get", ("name", "taxi"))).Status);

        Assert.Equal("{}", (await client.DeleteAsync("registered-models/delete", """{"name": "cab"}""")).Text);
        Assert.Equal(404, (await client.GetAsync("model-versions/get", ("name", "cab"), ("version", "1"))).Status);
        await client.AddModelAsync("cab");
        Assert.Equal("1", await client.AddVersionAsync("cab"));
        Assert.False((await client.GetAsync("registered-models/get", ("name", "cab")))["registered_model"].TryGetProperty("aliases", out _));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task What_is_not_there_or_taken_is_said_in_the_originals_words(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        await client.AddModelAsync("cab");

        Assert.Equal(
            (400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=taxi) already exists."), Said(await client.PostAsync("registered-models/create", """{"name": "taxi"}""")));
        Assert.Equal(
            (400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=cab) already exists."), Said(await client.PostAsync("registered-models/rename", """{"name": "taxi", "new_name": "cab"}""")));
        Reply[] missing =
        [
            await client.GetAsync("registered-models/get", ("name", "none")),
            await client.PatchAsync("registered-models/update", """{"name": "none", "description": "d"}"""),
            await client.PostAsync("registered-models/rename", """{"name": "none", "new_name": "x"}"""),
            await client.DeleteAsync("registered-models/delete", """{"name": "none"}"""),
            await client.PostAsync("registered-models/get-latest-versions", """{"name": "none"}"""),
            await client.PostAsync("registered-models/set-tag", """{"name": "none", "key": "k", "value": "v"}"""),
            await client.DeleteAsync("registered-models/delete-tag", """{"name": "none", "key": "k"}"""),
            await client.DeleteAsync("registered-models/alias", """{"name": "none", "alias": "a"}"""),
            await client.GetAsync("registered-models/alias", ("name", "none"), ("alias", "a")),
        ];
        Assert.All(missing, reply => Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST", NoModel), Said(reply)));
        // A query is not read for DELETE.
        Assert.Equal(400, (await client.DeleteAsync("registered-models/delete?name=taxi", "{}")).Status);
    }

    [Theory]
    [InlineData("""{}""", "Missing value for required parameter 'name'.")]
    [InlineData("""{"name": ""}""", "Missing value for required parameter 'name'.")]
    [InlineData("""{"name": 5}""", "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'.")]
    [InlineData("""{"name": "a/b"}""", "must not contain '/' or ':'")]
    [InlineData("""{"name": "a:b"}""", "must not contain '/' or ':'")]
    [InlineData("""{"name": "  "}""", "must not be blank")]
    [InlineData("""{"name": ".."}""", "must not resolve to other names")]
    [InlineData("""{"name": "n", "tags": [{"key": "a$b", "value": "v"}]}""", "Invalid value \"a$b\" for parameter 'tags[0].key' supplied: Names may only contain alphanumerics")]
    [InlineData("""{"name": "n", "tags": [{"key": "a//b", "value": "v"}]}""", "This name would resolve to 'a/b'")]
    [InlineData("""{"name": "n", "tags": [{"value": "v"}]}""", "Missing value for required parameter 'tags[0].key'.")]
    [InlineData("""{"name": "n", "tags": {"key": "v"}}""", "Value was of type 'dict'")]
    public async Task A_model_that_breaks_a_rule_is_refused(string body, string message)
    {
        await using var app = await RegistryApp.StartAsync();
        var client = new MLflowClient(app.Http);

        var reply = await client.PostAsync("registered-models/create", body);

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (reply.Status, reply.Code));
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
        Assert.Equal("{}", (await client.GetAsync("registered-models/search")).Text);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Tags_are_set_replaced_and_removed_within_their_limits(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        async Task<Reply> SetAsync(string key, string value) =>
            await client.PostAsync("registered-models/set-tag", $$"""{"name": "taxi", "key": "{{key}}", "value": "{{value}}"}""");

        Assert.Equal("{}", (await SetAsync("team", "a")).Text);
        Assert.Equal(200, (await SetAsync("team", "b")).Status);
        Assert.Equal(200, (await client.PostAsync("registered-models/set-tag", """{"name": "taxi", "key": "empty"}""")).Status);
        Assert.Equal(200, (await SetAsync(new string('k', 250), new string('v', 100_000))).Status);
        Assert.Equal("'key' exceeds the maximum length of 250 characters", (await SetAsync(new string('k', 251), "v")).Message);
        Assert.Equal("'value' exceeds the maximum length of 100000 characters", (await SetAsync("k", new string('v', 100_001))).Message);
        Assert.Equal("{}", (await client.DeleteAsync("registered-models/delete-tag", """{"name": "taxi", "key": "team"}""")).Text);
        Assert.Equal(200, (await client.DeleteAsync("registered-models/delete-tag", """{"name": "taxi", "key": "team"}""")).Status);

        var tags = (await client.GetAsync("registered-models/get", ("name", "taxi")))["registered_model"].GetProperty("tags").EnumerateArray().ToList();
        Assert.Equal(["empty", new string('k', 250)], tags.Select(tag => tag.GetProperty("key").GetString()));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Aliases_move_and_vanish(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        await client.AddVersionAsync("taxi");
        await client.AddVersionAsync("taxi");
        async Task<Reply> SetAsync(string alias, string version) =>
            await client.PostAsync("registered-models/alias", $$"""{"name": "taxi", "alias": "{{alias}}", "version": "{{version}}"}""");
        async Task<Reply> GetAsync(string alias) => await client.GetAsync("registered-models/alias", ("name", "taxi"), ("alias", alias));

        Assert.Equal("{}", (await SetAsync("Champion-1_x", "1")).Text);
        Assert.Equal("1", (await GetAsync("Champion-1_x"))["model_version"].GetProperty("version").GetString());
        await SetAsync("Champion-1_x", "2");
        Assert.Equal("""["Champion-1_x"]""", (await GetAsync("Champion-1_x"))["model_version"].GetProperty("aliases").GetRawText());
        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST", "Model Version (name=taxi, version=9) not found"), Said(await SetAsync("a", "9")));
        foreach (var reserved in new[] { "latest", "LATEST", "v1", "V22", "a.b", "a b", "a$", new string('a', 256) })
        {
            Assert.Equal((400, "INVALID_PARAMETER_VALUE"), ((await SetAsync(reserved, "1")).Status, (await SetAsync(reserved, "1")).Code));
        }

        Assert.Equal(200, (await SetAsync(new string('a', 255), "1")).Status);
        Assert.Equal("2", (await GetAsync("latest"))["model_version"].GetProperty("version").GetString());
        Assert.Equal((400, "INVALID_PARAMETER_VALUE", "Registered model alias nobody not found."), Said(await GetAsync("nobody")));
        Assert.Equal("{}", (await client.DeleteAsync("registered-models/alias", """{"name": "taxi", "alias": "Champion-1_x"}""")).Text);
        Assert.Equal(200, (await client.DeleteAsync("registered-models/alias", """{"name": "taxi", "alias": "Champion-1_x"}""")).Status);
        await app.Heard.UntilAsync(heard => heard.Aliases.Any(changed => changed is { Alias: "Champion-1_x", Version: 0, PreviousVersion: 2 }));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_newest_version_of_each_stage_is_found(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("taxi");
        for (var i = 0; i < 4; i++)
        {
            await client.AddVersionAsync("taxi");
        }

        foreach (var (version, stage) in new[] { ("1", "Staging"), ("2", "staging"), ("3", "PRODUCTION") })
        {
            await client.PostAsync("model-versions/transition-stage", $$"""{"name": "taxi", "version": "{{version}}", "stage": "{{stage}}"}""");
        }

        Assert.Equal(["2", "3", "4"], (await client.PostAsync("registered-models/get-latest-versions", """{"name": "taxi"}""")).Column("model_versions", "version"));
        Assert.Equal(
            ["2", "3"],
            (await client.GetAsync("registered-models/get-latest-versions", ("name", "taxi"), ("stages", "Staging"), ("stages", "Production"))).Column("model_versions", "version"));
        Assert.Equal("{}", (await client.PostAsync("registered-models/get-latest-versions", """{"name": "taxi", "stages": ["Archived"]}""")).Text);
        var bad = await client.PostAsync("registered-models/get-latest-versions", """{"name": "taxi", "stages": ["Live"]}""");
        Assert.Equal((400, "INVALID_PARAMETER_VALUE", "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived."), Said(bad));
    }

    private static (int Status, string Code, string Message) Said(Reply reply) => (reply.Status, reply.Code, reply.Message);
}
