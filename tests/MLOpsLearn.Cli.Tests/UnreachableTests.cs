using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Monitoring;
using MLOpsLearn.ServiceDefaults;
using Xunit;

namespace MLOpsLearn.Cli.Tests;

/// <summary>What <c>mlops</c> says when the server, the service behind it, or the broker behind that is away or slow: one line, and the right one.</summary>
public sealed class UnreachableTests
{
    [Fact]
    public async Task A_server_that_is_not_there_is_told_with_the_way_out()
    {
        var (code, output, complaints) = await Executable.RunAsync("queues", "list", "--server", "http://127.0.0.1:1");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal("mlops: The server can't be reached. Start one with: mlops server   (or name it with --server URL)", complaints.Trim());
    }

    [Fact]
    public async Task A_demo_waits_for_a_server_that_took_its_call_and_is_slow_to_answer()
    {
        var isAskedOn = false;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using var server = builder.Build();
        server.Run(async context =>
        {
            if (context.Request.Path == "/alive")
            {
                // Longer than one that refuses is asked again.
                await Task.Delay(TimeSpan.FromSeconds(5), context.RequestAborted);
                return;
            }

            isAskedOn = true;
            context.Response.StatusCode = context.Request.Path == "/health" ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
        });
        await server.StartAsync(TestContext.Current.CancellationToken);

        var (_, _, complaints) = await Executable.RunAsync("demo", "--json", "--server", server.Urls.First(), "--grpc", server.Urls.Last());

        Assert.True(isAskedOn, complaints);
        Assert.DoesNotContain("does not answer", complaints, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_the_gateway_does_not_reach_is_not_taken_for_the_server()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        await using var gateway = builder.Build();
        gateway.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return Task.CompletedTask;
        });
        await gateway.StartAsync(TestContext.Current.CancellationToken);

        var (code, output, complaints) = await Executable.RunAsync("queues", "list", "--server", "http://127.0.0.1:1", "--grpc", gateway.Urls.First());

        Assert.Equal((1, ""), (code, output));
        Assert.Equal("mlops: The service that does this can't be reached by the server just now. Try again in a moment.", complaints.Trim());
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show", "training.triggers")]
    [InlineData("resend", "training.triggers", "--all")]
    [InlineData("discard", "training.triggers", "--id", "any")]
    public async Task A_broker_that_is_away_is_told(params string[] verb)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-queues-").FullName;
        try
        {
            await using var monitoring = await MonitoringAsync(folder);

            var (code, output, complaints) = await Executable.RunAsync(["queues", .. verb, "--server", "http://127.0.0.1:1", "--grpc", monitoring.Urls.Last()]);

            Assert.Equal((1, ""), (code, output));
            Assert.Equal("mlops: The broker can't be reached: None of the specified endpoints were reachable", complaints.Trim());
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The monitoring service as its program makes it, with a broker that nobody listens for.</summary>
    private static async Task<WebApplication> MonitoringAsync(string folder)
    {
        var builder = WebApplication.CreateBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:monitoring", $"Data Source={Path.Combine(folder, "monitoring.db")}"), new("ConnectionStrings:messaging", $"amqp://127.0.0.1:{ClosedPort()}"),
            new("Monitoring:Root", Path.Combine(folder, "rows")),
            .. new[] { "tracking", "registry", "inference" }.SelectMany(service => new KeyValuePair<string, string?>[]
            {
                new($"services:{service}:http:0", "http://127.0.0.1:1"), new($"services:{service}:grpc:0", "http://127.0.0.1:1"),
            }),
        ]);
        builder.AddServiceDefaults();
        builder.AddMonitoringModule();
        builder.AddEventBus(allowInMemory: false);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapMonitoringModule();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
