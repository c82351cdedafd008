using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Calls;

namespace MLOpsLearn.Messaging.Tests.Calls;

/// <summary>Clients of a service, with real servers behind the configured addresses.</summary>
public sealed class ServiceDiscoveryTests
{
    [Fact]
    public async Task Calls_go_to_every_address_that_is_configured_and_to_a_changed_one_without_a_restart()
    {
        await using var first = await Server.StartAsync();
        await using var second = await Server.StartAsync();
        await using var third = await Server.StartAsync();
        using var host = Clients(new() { ["services:tracking:grpc:0"] = first.Grpc, ["services:tracking:grpc:1"] = second.Grpc, ["services:tracking:http:0"] = first.Http });
        var tracking = host.Services.GetRequiredService<Tracking.TrackingClient>();

        for (var call = 0; call < 10; call++)
        {
            await CallAsync(tracking);
        }

        Assert.Equal((5, 5), (first.Calls, second.Calls));

        host.Services.GetRequiredService<IConfiguration>()["services:tracking:grpc:0"] = third.Grpc;
        ((IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>()).Reload();
        for (var call = 0; call < 10; call++)
        {
            await CallAsync(tracking);
        }

        Assert.Equal((5, 10, 5), (first.Calls, second.Calls, third.Calls));
    }

    [Fact]
    public async Task Files_come_from_the_http_endpoint()
    {
        await using var server = await Server.StartAsync();
        using var host = Clients(new() { ["services:tracking:grpc:0"] = "http://127.0.0.1:1", ["services:tracking:http:0"] = server.Http });
        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("tracking");

        Assert.Equal("/files/a%2Fb?c=d", await client.GetStringAsync(new Uri("files/a%2Fb?c=d", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Modules_that_ask_for_the_same_client_get_the_retries_of_one()
    {
        await using var server = await Server.StartAsync();
        using var host = Clients(new() { ["services:tracking:grpc:0"] = server.Grpc, ["services:tracking:http:0"] = server.Http }, modules: 3);
        using var client = host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("tracking");

        using var answer = await client.GetAsync(new Uri("broken", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(5, server.Broken);
        await CallAsync(host.Services.GetRequiredService<Tracking.TrackingClient>());
        Assert.Equal(1, server.Calls);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public void A_missing_address_is_told_with_the_setting_that_lacks(string endpoint)
    {
        var settings = new Dictionary<string, string?> { ["services:tracking:grpc:0"] = "http://127.0.0.1:1", ["services:tracking:http:0"] = "http://127.0.0.1:1" };
        settings.Remove($"services:tracking:{endpoint}:0");
        using var host = Clients(settings);

        var failure = Assert.Throws<InvalidOperationException>(() => endpoint == "grpc"
            ? (object)host.Services.GetRequiredService<Tracking.TrackingClient>() : host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("tracking"));

        Assert.Equal($"The address of tracking is missing: set services__tracking__{endpoint}__0.", failure.Message);
    }

    [Theory]
    [InlineData("services:tracking:grpc:0", "https://tracking.example:443", "https://_grpc.tracking/")]
    [InlineData("services:tracking:grpc:0", "http://tracking.example:8081", "http://_grpc.tracking/")]
    public void A_channel_is_encrypted_when_the_address_is(string key, string address, string name) =>
        Assert.Equal(name, ServiceAddresses.GrpcName(new ConfigurationBuilder().AddInMemoryCollection([new(key, address)]).Build(), "tracking").ToString());

    private static async Task CallAsync(Tracking.TrackingClient tracking) =>
        await tracking.GetRunAsync(new GetRunRequest { RunId = "any" }, cancellationToken: TestContext.Current.CancellationToken);

    private static IHost Clients(Dictionary<string, string?> settings, int modules = 1)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        for (var module = 0; module < modules; module++)
        {
            builder.AddServiceClient<Tracking.TrackingClient>("tracking");
        }

        return builder.Build();
    }

    private sealed class Server : Tracking.TrackingBase, IAsyncDisposable
    {
        private WebApplication _app = null!;
        private int _calls;
        private int _broken;

        public int Calls => _calls;

        public int Broken => _broken;

        public string Http => _app.Urls.First();

        public string Grpc => _app.Urls.Last();

        public static async Task<Server> StartAsync()
        {
            var server = new Server();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddGrpc();
            builder.Services.AddSingleton(server);
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            });
            server._app = builder.Build();
            server._app.MapGrpcService<Server>();
            server._app.MapGet("/files/{**path}", (HttpRequest request) => $"{request.Path}{request.QueryString}");
            server._app.MapGet("/broken", () =>
            {
                Interlocked.Increment(ref server._broken);
                return Results.StatusCode(500);
            });
            await server._app.StartAsync(TestContext.Current.CancellationToken);
            return server;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        public override Task<Run> GetRun(GetRunRequest request, ServerCallContext context)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult(new Run());
        }
    }
}
