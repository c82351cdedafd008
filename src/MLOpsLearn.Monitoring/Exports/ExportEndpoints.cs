using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts;

namespace MLOpsLearn.Monitoring.Exports;

/// <summary>Hands exported windows out.</summary>
internal static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/monitoring/v1/exports/{name}", Get).WithMetadata(new RequiredPermission("monitoring.windows.read"));

    private static Results<PhysicalFileHttpResult, ProblemHttpResult> Get(string name, IOptions<MonitoringOptions> options)
    {
        // The digest is checked whole, so that no name becomes a path.
        var sha256 = name.EndsWith(".parquet", StringComparison.Ordinal) ? name[..^8] : "";
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigitLower) || !File.Exists(options.Value.ExportPath(sha256)))
        {
            return TypedResults.Problem(
                "Export a window first; its answer names the path.", statusCode: StatusCodes.Status404NotFound, title: "There is no such export.", type: "urn:mlopslearn:export-not-found");
        }

        return TypedResults.PhysicalFile(Path.GetFullPath(options.Value.ExportPath(sha256)), "application/vnd.apache.parquet", enableRangeProcessing: true);
    }
}
