using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MLOpsLearn.ServiceDefaults.Hosting;

/// <summary>
/// Cleartext HTTP/1.1 and HTTP/2 can't share a port, so a host listens twice: on the address in <c>ASPNETCORE_URLS</c> (or <c>urls</c>) for
/// HTTP/1.1, and on <c>GRPC_PORT</c>, by default the port after it, for gRPC.
/// </summary>
internal static class TwoEndpoints
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    public static void AddTwoEndpoints(this WebApplicationBuilder builder)
    {
        var url = (builder.Configuration["urls"] ?? DefaultUrl).Split(';')[0];
        var address = BindingAddress.Parse(url);
        var grpcPort = int.TryParse(builder.Configuration["GRPC_PORT"], out var port) ? port : address.Port == 0 ? 0 : address.Port + 1;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // MLflow's clients put filters and hundreds of ids into the query.
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            // Kestrel wants the buffer to hold a whole line.
            kestrel.Limits.MaxRequestBufferSize = 1024 * 1024;
            Listen(kestrel, address.Host, address.Port, HttpProtocols.Http1);
            Listen(kestrel, address.Host, grpcPort, HttpProtocols.Http2);
        });
        // Kestrel warns that the explicit endpoints win over the address; there is nothing left for it to read.
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
    }

    private static void Listen(KestrelServerOptions kestrel, string host, int port, HttpProtocols protocols)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out var ip))
        {
            kestrel.Listen(ip, port, listen => listen.Protocols = protocols);
        }
        else if (host is "*" or "+")
        {
            kestrel.ListenAnyIP(port, listen => listen.Protocols = protocols);
        }
        else if (port == 0)
        {
            // A port of the system's choice can't be had for both loopback addresses at once.
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols);
        }
        else
        {
            kestrel.ListenLocalhost(port, listen => listen.Protocols = protocols);
        }
    }
}
