using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.ServiceDefaults.Security;

/// <summary>
/// Refuses requests that a web page of somebody else could make a browser send here: those that name a foreign host (a rebound DNS name)
/// or come from another origin. A local server is no safer from a browser than a public one.
/// </summary>
internal sealed class ForeignRequestGuard(RequestDelegate next, IOptions<AllowedHostsOptions> options, IProblemDetailsService problems)
{
    private readonly HashSet<string> _allowed = new(options.Value.AllowedHosts, StringComparer.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!IsOurs(request.Host.Host, context.Connection.LocalIpAddress))
        {
            return RefuseAsync(context, $"The host '{Shorten(request.Host.ToString())}' is not one of this server's names.");
        }

        var origin = request.Headers.Origin;
        if (origin.Count > 0 && !IsSameOrigin(origin.ToString(), request))
        {
            return RefuseAsync(context, $"Requests from the origin '{Shorten(origin.ToString())}' are not allowed.");
        }

        return next(context);
    }

    private bool IsOurs(string host, IPAddress? local)
    {
        if (_allowed.Contains(host) || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return IPAddress.TryParse(host.Trim('[', ']'), out var ip) && (IPAddress.IsLoopback(ip) || local is null || Plain(ip).Equals(Plain(local)));
    }

    private static IPAddress Plain(IPAddress ip) => ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;

    private static bool IsSameOrigin(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && string.Equals(uri.Scheme, request.Scheme, StringComparison.OrdinalIgnoreCase)
        && string.Equals(uri.IdnHost, request.Host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && uri.Port == (request.Host.Port ?? (request.IsHttps ? 443 : 80));

    private async Task RefuseAsync(HttpContext context, string detail)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await problems.WriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails =
            {
                Status = StatusCodes.Status403Forbidden,
                Type = "urn:mlopslearn:foreign-request",
                Title = "This request comes from, or is meant for, somewhere else.",
                Detail = detail + " Add a name of your own to Security__AllowedHosts__0.",
            },
        });
    }

    private static string Shorten(string value) => value.Length <= 100 ? value : value[..100] + "…";
}
