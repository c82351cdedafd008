using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Registry.Tests.Data;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Webhooks: kept, called, signed, repeated, and never towards what isn't public.</summary>
public sealed class WebhookTests(PostgresFixture postgres)
{
    private const string Created = """{"entity": "MODEL_VERSION", "action": "CREATED"}""";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Webhooks_are_kept_listed_changed_and_deleted(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database), Resolve("93.184.216.34"));
        var client = new MLflowClient(app.Http);

        var created = await client.PostAsync("webhooks", $$"""{"name": "hook", "url": "https://example.org/h", "events": [{{Created}}], "secret": "s3cret"}""");
        var id = created["webhook"].GetProperty("webhook_id").GetString()!;
        var now = app.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(
            $$$"""{"webhook":{"webhook_id":"{{{id}}}","name":"hook","url":"https://example.org/h","events":[{"entity":"MODEL_VERSION","action":"CREATED"}],"status":"ACTIVE","creation_timestamp":{{{now}}},"last_updated_timestamp":{{{now}}}}}""",
            created.Text);
        Assert.Equal(created.Text, (await client.GetAsync($"webhooks/{id}")).Text);
        var changed = await client.PatchAsync($"webhooks/{id}", """{"status": "DISABLED", "description": "d", "events": [{"entity": "PROMPT", "action": "CREATED"}]}""");
        Assert.Equal(("DISABLED", "d", "hook"), (changed["webhook"].GetProperty("status").GetString(), changed["webhook"].GetProperty("description").GetString(), changed["webhook"].GetProperty("name").GetString()));
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await client.PostAsync("webhooks", $$"""{"name": "other", "url": "https://example.org/h", "events": [{{Created}}]}""");
        var first = await client.GetAsync("webhooks", ("max_results", "1"));
        Assert.Equal(["other"], first.Column("webhooks", "name"));
        Assert.Equal(["hook"], (await client.GetAsync("webhooks", ("page_token", first["next_page_token"].GetString()!))).Column("webhooks", "name"));
        Assert.Equal("{}", (await client.DeleteAsync($"webhooks/{id}", "{}")).Text);
        Assert.Equal((404, "RESOURCE_DOES_NOT_EXIST"), ((await client.GetAsync($"webhooks/{id}")).Status, (await client.DeleteAsync($"webhooks/{id}", "{}")).Code));
    }

    [Theory]
    [InlineData("""{"url": "https://example.org", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://example.org"}""")]
    [InlineData("""{"name": "n", "url": "https://example.org", "events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]}""")]
    [InlineData("""{"name": "n", "url": "https://example.org", "events": [{"entity": "MODEL_VERSION"}]}""")]
    [InlineData("""{"name": "-n", "url": "https://example.org", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "http://example.org", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "ftp://example.org", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "not an address", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://127.0.0.1/x", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://[::1]/x", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://[::ffff:10.0.0.1]/x", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://2130706433/x", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://169.254.169.254/latest", "events": [CREATED]}""")]
    [InlineData("""{"name": "n", "url": "https://example.org", "events": [CREATED], "status": "ASLEEP"}""")]
    public async Task A_webhook_that_breaks_a_rule_is_refused(string body)
    {
        await using var app = await RegistryApp.StartAsync(null, Resolve("93.184.216.34"));
        var client = new MLflowClient(app.Http);

        var reply = await client.PostAsync("webhooks", body.Replace("CREATED]", Created + "]", StringComparison.Ordinal));

        Assert.Equal((400, "INVALID_PARAMETER_VALUE"), (reply.Status, reply.Code));
        Assert.Equal("{}", (await client.GetAsync("webhooks")).Text);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_delivery_is_signed_repeated_and_remembered(string database)
    {
        await using var receiver = await Receiver.StartAsync(503, 429, 200);
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database), Allow);
        var client = new MLflowClient(app.Http);
        var id = await HookAsync(client, receiver, Created);
        await client.AddModelAsync("taxi");
        await client.AddVersionAsync("taxi", """, "description": "d", "run_id": "r", "tags": [{"key": "a", "value": "1"}]""");
        async Task<Reply> AfterAsync(double seconds, string attempts)
        {
            app.Time.Advance(TimeSpan.FromSeconds(seconds));
            return await Eventually.SeeAsync(() => client.GetAsync($"webhooks/{id}/deliveries"), history => history.Column("deliveries", "attempts")[0] == attempts);
        }

        await AfterAsync(1.1, "1");
        await AfterAsync(1.1, "2");
        await AfterAsync(2.1, "3");
        var history = await AfterAsync(3600, "3");

        Assert.Equal(3, receiver.Calls.Count);
        var call = receiver.Calls.Last();
        Assert.Single(receiver.Calls.Select(other => other.Id).Distinct());
        Assert.Equal($"v1,{Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes("s3cret"), Encoding.UTF8.GetBytes($"{call.Id}.{call.Timestamp}.{call.Body}")))}", call.Signature);
        Assert.StartsWith("""{"entity":"MODEL_VERSION","action":"CREATED","timestamp":""", call.Body, StringComparison.Ordinal);
        Assert.EndsWith(""""data":{"name":"taxi","version":"1","source":"s3://bucket/model","run_id":"r","tags":{"a":"1"},"description":"d"}}"""", call.Body, StringComparison.Ordinal);
        Assert.Equal(("DELIVERED", "3", "200"), (history.Column("deliveries", "status")[0], history.Column("deliveries", "attempts")[0], history.Column("deliveries", "response_status")[0]));
        await client.PostAsync($"webhooks/{id}/deliveries/{history.Column("deliveries", "delivery_id")[0]}/retry", "{}");
        await AfterAsync(1.1, "1");
        Assert.Equal(4, receiver.Calls.Count);
    }

    [Fact]
    public async Task Each_change_tells_its_own_event_and_a_refused_one_none()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await RegistryApp.StartAsync(null, Allow);
        var client = new MLflowClient(app.Http);
        var events = RegistryNews.Examples.Keys.Select(name => name.Split('.')).Select(parts => $$"""{"entity": "{{parts[0]}}", "action": "{{parts[1]}}"}""");
        await HookAsync(client, receiver, string.Join(", ", events));

        await client.AddModelAsync("m");
        await client.PostAsync("registered-models/create", """{"name": "m"}""");
        await client.AddVersionAsync("m");
        await client.PostAsync("model-versions/set-tag", """{"name": "m", "version": "1", "key": "k", "value": "v"}""");
        await client.DeleteAsync("model-versions/delete-tag", """{"name": "m", "version": "1", "key": "k"}""");
        await client.PostAsync("registered-models/alias", """{"name": "m", "version": "1", "alias": "a"}""");
        await client.DeleteAsync("registered-models/alias", """{"name": "m", "alias": "a"}""");
        await client.AddModelAsync("p", """, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]""");
        await client.AddVersionAsync("p", """, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": "Hi"}]""", "prompt-template");
        await client.PostAsync("registered-models/set-tag", """{"name": "p", "key": "k", "value": "v"}""");
        await client.DeleteAsync("registered-models/delete-tag", """{"name": "p", "key": "k"}""");
        await client.PostAsync("model-versions/set-tag", """{"name": "p", "version": "1", "key": "k", "value": "v"}""");
        await client.DeleteAsync("model-versions/delete-tag", """{"name": "p", "version": "1", "key": "k"}""");
        await client.PostAsync("registered-models/alias", """{"name": "p", "version": "1", "alias": "a"}""");
        await client.DeleteAsync("registered-models/alias", """{"name": "p", "alias": "a"}""");
        await app.Services.GetRequiredService<WebhookWorker>().SendDueAsync(RegistryApp.Cancel);

        var told = receiver.Calls.Select(call => System.Text.Json.JsonDocument.Parse(call.Body).RootElement).Select(body => $"{body.GetProperty("entity")}.{body.GetProperty("action")}").ToList();
        Assert.Equal(RegistryNews.Examples.Keys.Where(name => name != "BUDGET_POLICY.EXCEEDED").Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_test_call_tells_what_came_back()
    {
        await using var receiver = await Receiver.StartAsync(200, 404, 302);
        await using var app = await RegistryApp.StartAsync(null, Allow);
        var client = new MLflowClient(app.Http);
        var id = await HookAsync(client, receiver, Created);

        Assert.Equal("""{"result":{"success":true,"response_status":200,"response_body":"received"}}""", (await client.PostAsync($"webhooks/{id}/test", "{}")).Text);
        var refused = await client.PostAsync($"webhooks/{id}/test", """{"event": {"entity": "PROMPT_TAG", "action": "SET"}}""");
        Assert.Equal((false, 404), (refused["result"].GetProperty("success").GetBoolean(), refused["result"].GetProperty("response_status").GetInt32()));
        Assert.Equal(302, (await client.PostAsync($"webhooks/{id}/test", "{}"))["result"].GetProperty("response_status").GetInt32());
        Assert.Equal(3, receiver.Calls.Count);
        Assert.Equal(400, (await client.PostAsync($"webhooks/{id}/test", """{"event": {"entity": "X", "action": "SET"}}""")).Status);
    }

    [Fact]
    public async Task A_name_that_answers_with_another_address_after_the_check_reaches_nothing()
    {
        await using var receiver = await Receiver.StartAsync();
        var answers = new Queue<string>(["93.184.216.34", "127.0.0.1"]);
        await using var app = await RegistryApp.StartAsync(null, builder =>
        {
            builder.Configuration["Registry:Webhooks:AllowHttp"] = "true";
            builder.Services.AddSingleton<ResolveHost>((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(answers.Dequeue())]));
        });
        var client = new MLflowClient(app.Http);
        var reply = await client.PostAsync("webhooks", $$"""{"name": "n", "url": "http://rebound.example:{{receiver.Address.Port}}/", "events": [{{Created}}]}""");
        var id = reply["webhook"].GetProperty("webhook_id").GetString();

        var tested = await client.PostAsync($"webhooks/{id}/test", "{}");

        Assert.False(tested["result"].GetProperty("success").GetBoolean());
        Assert.Contains("not public", tested["result"].GetProperty("error_message").GetString(), StringComparison.Ordinal);
        Assert.Empty(receiver.Calls);
        Assert.Empty(answers);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::", false)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:a00:1::", false)]
    public void Only_addresses_of_the_public_internet_are_public(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddress.IsPublic(IPAddress.Parse(address)));

    private static Action<WebApplicationBuilder> Resolve(string address) =>
        builder => builder.Services.AddSingleton<ResolveHost>((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));

    private static void Allow(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        [new("Registry:Webhooks:AllowHttp", "true"), new("Registry:Webhooks:AllowPrivateAddresses", "true")]);

    private static async Task<string> HookAsync(MLflowClient client, Receiver receiver, string events)
    {
        var reply = await client.PostAsync("webhooks", $$"""{"name": "hook", "url": "{{receiver.Address}}hook", "events": [{{events}}], "secret": "s3cret"}""");
        Assert.Equal((200, ""), (reply.Status, reply.Message));
        return reply["webhook"].GetProperty("webhook_id").GetString()!;
    }
}
