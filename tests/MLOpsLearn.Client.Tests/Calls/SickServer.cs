using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Client.Tests.Calls;

/// <summary>A server on loopback that answers its first calls with a status, and any other with an empty message; it remembers what it was asked.</summary>
internal sealed class SickServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<SickCall> _calls = new();
    private readonly WebApplication _app;

    private SickServer(StatusCode status, int times, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(async context =>
        {
            _calls.Enqueue(new SickCall(
                context.Request.Path.Value!.Split('/')[^1], context.Request.Headers["grpc-previous-rpc-attempts"].ToString(), context.Request.Headers["grpc-timeout"].ToString()));
            context.Response.ContentType = "application/grpc";
            if (_calls.Count <= times)
            {
                context.Response.Headers["grpc-status"] = ((int)status).ToString(CultureInfo.InvariantCulture);
                return;
            }

            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        });
    }

    public Uri Address => new(_app.Urls.Single());

    public IReadOnlyCollection<SickCall> Calls => _calls;

    public static async Task<SickServer> StartAsync(StatusCode status, int times, int port = 0)
    {
        var server = new SickServer(status, times, port);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <param name="Method">Last part of its path.</param>
/// <param name="Before">How often gRPC says that it made the call before; empty for the first.</param>
/// <param name="Timeout">The caller's deadline as gRPC writes it; empty for none.</param>
internal sealed record SickCall(string Method, string Before, string Timeout);
