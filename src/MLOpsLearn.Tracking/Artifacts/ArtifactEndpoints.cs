using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using MLOpsLearn.Contracts;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Moves the bytes of artifacts; everything else about them is in the gRPC service.</summary>
internal static class ArtifactEndpoints
{
    private const string Route = "/api/tracking/v1/runs/{runId}/artifacts/{**path}";
    private const string DigestHeader = "X-Content-SHA256";

    public static void MapArtifacts(this IEndpointRouteBuilder routes)
    {
        routes.MapPut(Route, PutAsync).WithMetadata(new RequiredPermission("tracking.artifacts.write"));
        routes.MapGet(Route, GetAsync).WithMetadata(new RequiredPermission("tracking.artifacts.read"));
    }

    private static async Task<Results<Ok<ArtifactView>, ProblemHttpResult>> PutAsync(
        string runId, string path, HttpContext http, ArtifactStore store, ArtifactCatalog catalog, TrackingDbContext context, CancellationToken cancellationToken)
    {
        if (await CheckAsync(runId, path, context, cancellationToken) is (null, { } problem))
        {
            return problem;
        }

        var run = await context.Runs.AsNoTracking().FirstAsync(run => run.RunId == runId, cancellationToken);
        // Artifacts may be of any size; memory stays the same.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var expected = http.Request.Headers[DigestHeader].ToString();
        StoredContent content;
        try
        {
            content = await store.WriteAsync(http.Request.Body, expected.Length == 0 ? null : expected, cancellationToken);
        }
        catch (DigestMismatchException exception)
        {
            return Problem(StatusCodes.Status400BadRequest, "digest-mismatch", "The content is not what was announced.", exception.Message);
        }
        catch (IOException exception) when (!cancellationToken.IsCancellationRequested && exception is not BadHttpRequestException)
        {
            return Problem(StatusCodes.Status507InsufficientStorage, "artifact-store", "The artifact could not be stored.", "The artifact store can't take it now: is its disk full?");
        }

        return await catalog.TryAddAsync(run, path, content, cancellationToken)
            ? TypedResults.Ok(new ArtifactView(path, content.SizeBytes, content.Sha256))
            : Problem(StatusCodes.Status409Conflict, "artifact-exists", "The run has another artifact of this path.", $"'{path}' exists with other content; artifacts don't change. Choose another path.");
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetAsync(
        string runId, string path, ArtifactStore store, ArtifactCatalog catalog, TrackingDbContext context, CancellationToken cancellationToken)
    {
        var (run, problem) = await CheckAsync(runId, path, context, cancellationToken);
        if (run is null)
        {
            return problem!;
        }

        if (await catalog.FindAsync(run, path, cancellationToken) is not { } artifact)
        {
            return Problem(StatusCodes.Status404NotFound, "artifact-not-found", "There is no such artifact.", $"Run {runId} has no artifact '{path}'.");
        }

        return TypedResults.PhysicalFile(
            store.PathOf(artifact.Sha256),
            "application/octet-stream",
            entityTag: new EntityTagHeaderValue($"\"{artifact.Sha256}\""),
            enableRangeProcessing: true);
    }

    private static async Task<(Run? Run, ProblemHttpResult? Problem)> CheckAsync(
        string runId, string path, TrackingDbContext context, CancellationToken cancellationToken)
    {
        if (ArtifactPath.BrokenRule(path ?? "") is { } rule)
        {
            return (null, Problem(StatusCodes.Status400BadRequest, "invalid-path", "The path can't be an artifact's.", $"path {rule}."));
        }

        if (!RunCatalog.IsRunId(runId))
        {
            return (null, Problem(StatusCodes.Status400BadRequest, "invalid-run-id", "The run id can't be one.", "run_id must be 32 hexadecimal digits."));
        }

        return await context.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.RunId == runId, cancellationToken) is { } run
            ? (run, null)
            : (null, Problem(StatusCodes.Status404NotFound, "run-not-found", "There is no such run.", $"There is no run {runId}."));
    }

    private static ProblemHttpResult Problem(int status, string type, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title, type: $"urn:mlopslearn:{type}");
}

/// <summary>The answer to an upload.</summary>
internal sealed record ArtifactView(
    [property: System.Text.Json.Serialization.JsonPropertyName("path")] string Path,
    [property: System.Text.Json.Serialization.JsonPropertyName("size_bytes")] long SizeBytes,
    [property: System.Text.Json.Serialization.JsonPropertyName("sha256")] string Sha256);
