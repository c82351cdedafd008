using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MLOpsLearn.Contracts;

namespace MLOpsLearn.Standalone.FirstPage;

/// <summary>The page at "/": what runs here, which versions serve, what to try next. It reads the public JSON API like anybody else.</summary>
internal static class FirstPageEndpoint
{
    private static readonly byte[] Page = Read("first-page.html");

    public static void MapFirstPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", GetPage).WithMetadata(RequiredPermission.None).ExcludeFromDescription();
        routes.MapGet("/health/modules", GetHealthAsync).WithMetadata(RequiredPermission.None).ExcludeFromDescription();
    }

    private static FileContentHttpResult GetPage(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.File(Page, "text/html; charset=utf-8");
    }

    private static async Task<Ok<Dictionary<string, string>>> GetHealthAsync(HealthCheckService health, CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(cancellationToken);
        return TypedResults.Ok(StandaloneServer.Services.ToDictionary(
            service => service,
            service => report.Entries.TryGetValue(service, out var entry)
                ? entry.Description is { Length: > 0 } description ? $"{entry.Status}: {description}" : entry.Status.ToString()
                : nameof(HealthStatus.Unhealthy)));
    }

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing from the build.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
