using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Tests.Data;
using MLOpsLearn.Registry.Tests.Protocols.MLflow;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Tests.Protocols.Native;

/// <summary>What MLflow's calls do to webhooks, the native calls do too, with the same result.</summary>
public sealed class WebhookParityTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_webhook_lives_the_same_life(string database)
    {
        await using var receiver = await Receiver.StartAsync(500);
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database), Allow);
        var there = new MLflowClient(app.Http);
        var request = new CreateWebhookRequest
        {
            RequestId = RegistryApp.NewId(),
            Name = "hook",
            Url = $"{receiver.Address}x",
            Events = { "MODEL_VERSION.CREATED", "MODEL_VERSION_TAG.SET" },
            Secret = "s3cret",
            Description = "d",
        };
        var made = await app.Client.CreateWebhookAsync(request, cancellationToken: Cancel);
        var id = made.WebhookId;

        Assert.Equal(made, await app.Client.CreateWebhookAsync(request, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.AlreadyExists, app.Client.CreateWebhookAsync(new CreateWebhookRequest(request) { Secret = "" }, cancellationToken: Cancel));
        Assert.Equal((true, false), (made.HasSecret, made.ToString().Contains("s3cret", StringComparison.Ordinal)));
        Assert.Equal(("hook", "d", 2), (
            (await there.GetAsync($"webhooks/{id}"))["webhook"].GetProperty("name").GetString(), (await there.GetAsync($"webhooks/{id}"))["webhook"].GetProperty("description").GetString(),
            (await there.GetAsync($"webhooks/{id}"))["webhook"].GetProperty("events").GetArrayLength()));
        app.Time.Advance(TimeSpan.FromMilliseconds(10));
        await app.Client.CreateWebhookAsync(new CreateWebhookRequest(request) { RequestId = "", Name = "other" }, cancellationToken: Cancel);
        var first = await app.Client.ListWebhooksAsync(new ListWebhooksRequest { PageSize = 1 }, cancellationToken: Cancel);
        var second = await app.Client.ListWebhooksAsync(new ListWebhooksRequest { PageToken = first.NextPageToken }, cancellationToken: Cancel);
        Assert.Equal(["other", "hook"], [.. first.Webhooks.Concat(second.Webhooks).Select(webhook => webhook.Name)]);
        await app.Client.DeleteWebhookAsync(new DeleteWebhookRequest { WebhookId = first.Webhooks[0].WebhookId }, cancellationToken: Cancel);

        Assert.Equal(500, (await app.Client.TestWebhookAsync(new TestWebhookRequest { WebhookId = id }, cancellationToken: Cancel)).ResponseStatus);
        Assert.True((await app.Client.TestWebhookAsync(new TestWebhookRequest { WebhookId = id, Event = "PROMPT.CREATED" }, cancellationToken: Cancel)).Success);
        await app.Client.CreateModelAsync(new CreateModelRequest { Name = "m" }, cancellationToken: Cancel);
        await app.Client.RegisterSourceAsync(new RegisterSourceRequest { Model = "m", Source = "s3://bucket/x" }, cancellationToken: Cancel);
        await app.Services.GetRequiredService<WebhookWorker>().SendDueAsync(Cancel);
        var history = await Eventually.SeeAsync(
            async () => await app.Client.ListWebhookDeliveriesAsync(new ListWebhookDeliveriesRequest { WebhookId = id }, cancellationToken: Cancel),
            found => found.Deliveries[0].Status == WebhookDeliveryStatus.Delivered);
        Assert.Equal(("MODEL_VERSION.CREATED", 1, 200), (history.Deliveries[0].Event, history.Deliveries[0].Attempts, history.Deliveries[0].ResponseStatus));
        Assert.Equal((await there.GetAsync($"webhooks/{id}/deliveries")).Column("deliveries", "delivery_id"), history.Deliveries.Select(delivery => delivery.DeliveryId));
        var retried = await app.Client.RetryWebhookDeliveryAsync(new RetryWebhookDeliveryRequest { WebhookId = id, DeliveryId = history.Deliveries[0].DeliveryId }, cancellationToken: Cancel);
        Assert.Equal((WebhookDeliveryStatus.Pending, 0), (retried.Status, retried.Attempts));
        await app.Services.GetRequiredService<WebhookWorker>().SendDueAsync(Cancel);
        Assert.Equal(4, receiver.Calls.Count);

        var changed = await app.Client.UpdateWebhookAsync(new UpdateWebhookRequest { WebhookId = id, Disabled = true, Secret = "" }, cancellationToken: Cancel);
        Assert.Equal((true, false, "hook", 2), (changed.Disabled, changed.HasSecret, changed.Name, changed.Events.Count));
        Assert.Equal("DISABLED", (await there.GetAsync($"webhooks/{id}"))["webhook"].GetProperty("status").GetString());
        await app.Client.DeleteWebhookAsync(new DeleteWebhookRequest { WebhookId = id }, cancellationToken: Cancel);
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.GetWebhookAsync(new GetWebhookRequest { WebhookId = id }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.ListWebhookDeliveriesAsync(new ListWebhookDeliveriesRequest { WebhookId = id }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_breaks_a_rule_is_refused_by_its_field()
    {
        await using var app = await RegistryApp.StartAsync();
        var good = new CreateWebhookRequest { Name = "n", Url = "https://127.0.0.1/x", Events = { "MODEL_VERSION.CREATED" } };

        Assert.Contains("url must name a host on the public internet", await RefusedAsync(good), StringComparison.Ordinal);
        Assert.Contains("url must be an absolute address", await RefusedAsync(new CreateWebhookRequest(good) { Url = "ftp://x" }), StringComparison.Ordinal);
        var several = await RefusedAsync(new CreateWebhookRequest { Name = "-", Secret = new string('x', 1001), Events = { "A.B" } });
        Assert.All(["name must be", "events must be", "secret must have"], text => Assert.Contains(text, several, StringComparison.Ordinal));
        Assert.DoesNotContain("xxxx", several, StringComparison.Ordinal);

        async Task<string> RefusedAsync(CreateWebhookRequest request) =>
            (await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.CreateWebhookAsync(request, cancellationToken: Cancel))).Status.Detail;
    }

    private static void Allow(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(
        [new("Registry:Webhooks:AllowHttp", "true"), new("Registry:Webhooks:AllowPrivateAddresses", "true")]);
}
