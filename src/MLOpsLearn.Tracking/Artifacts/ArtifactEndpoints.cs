using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using MLOpsLearn.Contracts;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Moves the bytes of artifacts; everything else about them is in the gRPC service.</summary>
internal static partial class ArtifactEndpoints
{
    private const string Route = "/api/tracking/v1/runs/{runId}/artifacts/{**path}";
    private const string DigestHeader = "X-Content-SHA256";

    public static void MapArtifacts(this IEndpointRouteBuilder routes)
    {
        routes.MapPut(Route, PutAsync).WithMetadata(new RequiredPermission("tracking.artifacts.write"));
        routes.MapGet(Route, GetAsync).WithMetadata(new RequiredPermission("tracking.artifacts.read"));
        routes.MapGet("/api/tracking/v1/runs/{runId}/artifacts.zip", GetArchiveAsync).WithMetadata(new RequiredPermission("tracking.artifacts.read"));
    }

    private static async Task<Results<Ok<ArtifactView>, ProblemHttpResult>> PutAsync(
        string runId,
        string path,
        HttpContext http,
        ArtifactStore store,
        ArtifactCatalog catalog,
        TrackingDbContext context,
        ILogger<ArtifactStore> logger,
        CancellationToken cancellationToken)
    {
        var (run, problem) = await CheckAsync(runId, path, context, cancellationToken);
        if (run is null)
        {
            return problem!;
        }

        var expected = http.Request.Headers[DigestHeader].ToString();
        if (expected.Length > 0 && !IsSha256(expected))
        {
            return Problem(
                StatusCodes.Status400BadRequest, "invalid-digest", "The announced digest can't be one.", $"{DigestHeader} must be 64 hexadecimal digits.");
        }

        // Artifacts may be of any size; memory stays the same.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        try
        {
            await using var content = await store.ReceiveAsync(http.Request.Body, cancellationToken);
            if (expected.Length > 0 && !string.Equals(expected, content.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                return Problem(
                    StatusCodes.Status400BadRequest,
                    "digest-mismatch",
                    "The content is not what was announced.",
                    $"The content has SHA-256 {content.Sha256}, but {DigestHeader} announced {expected}.");
            }

            TrackingTelemetry.Received(content.SizeBytes);
            return await catalog.TryAddAsync(run, path, content, cancellationToken)
                ? TypedResults.Ok(new ArtifactView(path, content.SizeBytes, content.Sha256))
                : Problem(
                    StatusCodes.Status409Conflict,
                    "artifact-exists",
                    "The run has another artifact there.",
                    $"'{path}' exists with other content, is a folder, or lies below a file; artifacts don't change. Choose another path.");
        }
        catch (ArtifactStoreException exception)
        {
            Log.NotStored(logger, runId, exception);
            return Problem(exception);
        }
        catch (Exception exception) when (IsOfTheDisk(exception) && !http.RequestAborted.IsCancellationRequested)
        {
            Log.NotStored(logger, runId, exception);
            return Problem(
                StatusCodes.Status507InsufficientStorage,
                "artifact-store",
                "The artifact could not be stored.",
                "The artifact store can't take it now: is its disk full, or not writable?");
        }
    }

    // What the connection throws is an IOException too; that one is the client's.
    private static bool IsOfTheDisk(Exception exception) =>
        exception is UnauthorizedAccessException
        || (exception is IOException and not BadHttpRequestException and not Microsoft.AspNetCore.Connections.ConnectionResetException);

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit);

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> GetAsync(
        string runId,
        string path,
        HttpContext http,
        ArtifactStore store,
        ArtifactCatalog catalog,
        TrackingDbContext context,
        ILogger<ArtifactStore> logger,
        CancellationToken cancellationToken)
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

        Stream? content;
        try
        {
            content = await store.OpenAsync(artifact.Sha256, cancellationToken);
        }
        catch (ArtifactStoreException exception)
        {
            Log.NotRead(logger, runId, exception);
            return Problem(exception);
        }

        if (content is null)
        {
            Log.Lost(logger, runId, artifact.Sha256);
            return Problem(
                StatusCodes.Status410Gone, "artifact-lost", "The content is gone.", $"The store no longer has the content {artifact.Sha256}; restore it from a backup.");
        }

        http.Response.Headers[DigestHeader] = artifact.Sha256;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(
            content,
            "application/octet-stream",
            Path.GetFileName(path),
            entityTag: new EntityTagHeaderValue($"\"{artifact.Sha256}\""),
            enableRangeProcessing: true);
    }

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> GetArchiveAsync(
        string runId, HttpContext http, ArtifactArchive archive, TrackingDbContext context, ILogger<ArtifactStore> logger, CancellationToken cancellationToken)
    {
        // Any path will do: only the run is looked for.
        var (run, problem) = await CheckAsync(runId, "archive", context, cancellationToken);
        if (run is null)
        {
            return problem!;
        }

        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename={runId}.zip";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await archive.SendAsync(run.Key, http.Response, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or ArtifactStoreException)
        {
            Log.NotRead(logger, runId, exception);
            if (!http.Response.HasStarted)
            {
                http.Response.Headers.Clear();
                return exception is ArtifactStoreException away ? Problem(away)
                    : Problem(StatusCodes.Status410Gone, "artifact-lost", "A content is gone.", "The store no longer has a content of this run; restore it from a backup.");
            }

            // Half a zip must not look like a whole one.
            http.Abort();
        }

        return TypedResults.Empty;
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

    private static ProblemHttpResult Problem(ArtifactStoreException exception) => Problem(
        exception.IsFull ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status503ServiceUnavailable,
        "artifact-store",
        "The artifact store can't do it now.",
        exception.Message);

    private static ProblemHttpResult Problem(int status, string type, string title, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: title, type: $"urn:mlopslearn:{type}");

    private static partial class Log
    {
        [LoggerMessage(2002, LogLevel.Error, "An artifact of run {RunId} could not be stored.")]
        public static partial void NotStored(ILogger logger, string runId, Exception exception);

        [LoggerMessage(2006, LogLevel.Error, "An artifact of run {RunId} could not be read.")]
        public static partial void NotRead(ILogger logger, string runId, Exception exception);

        [LoggerMessage(2003, LogLevel.Error, "Run {RunId} has an artifact whose content {Sha256} is not in the store.")]
        public static partial void Lost(ILogger logger, string runId, string sha256);
    }
}

/// <summary>The answer to an upload.</summary>
internal sealed record ArtifactView(
    [property: System.Text.Json.Serialization.JsonPropertyName("path")] string Path,
    [property: System.Text.Json.Serialization.JsonPropertyName("size_bytes")] long SizeBytes,
    [property: System.Text.Json.Serialization.JsonPropertyName("sha256")] string Sha256);
