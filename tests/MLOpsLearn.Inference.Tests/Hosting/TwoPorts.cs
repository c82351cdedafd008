using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>Cleartext HTTP/1.1 and HTTP/2 on two ports that the system chooses.</summary>
internal static class TwoPorts
{
    public static void UseTwoPorts(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
    });

    public static (string Http, string Grpc) Addresses(this WebApplication app)
    {
        var urls = app.Urls.ToList();
        return (urls[0], urls[1]);
    }
}
