using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Moves the bytes of artifacts for MLflow's clients.</summary>
internal static class ArtifactFiles
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    private static readonly HashSet<string> TextEndings = new(
        ["txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml", "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "mlmodel", "mlproject"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Sends the file at a place, or the part of it that was asked for.</summary>
    /// <exception cref="MLflowException">There is no file there.</exception>
    public static async Task SendAsync(HttpContext http, ArtifactPlace place)
    {
        var services = http.RequestServices;
        var file = await services.GetRequiredService<ArtifactCatalog>().FindAsync(place, http.RequestAborted)
            ?? throw MLflowException.NotFound($"No such artifact: '{place.Path}'");
        var content = await InStoreAsync(() => services.GetRequiredService<ArtifactStore>().OpenAsync(file.Sha256, http.RequestAborted), http)
            ?? throw MLflowException.NotFound($"The content of artifact '{place.Path}' is gone from the store: restore it from a backup.");
        var name = Path.GetFileName(place.Path);
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var answer = TypedResults.Stream(content, TypeOf(name), name, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""), enableRangeProcessing: true);
        await InStoreAsync(
            async () =>
            {
                await answer.ExecuteAsync(http);
                return true;
            },
            http);
    }

    /// <summary>Takes the body in and puts it at a place, over what is there.</summary>
    /// <exception cref="MLflowException">The disk is full, or a folder is in the way.</exception>
    public static async Task ReceiveAsync(HttpContext http, ArtifactPlace place)
    {
        LiftLimit(http);
        var store = http.RequestServices.GetRequiredService<ArtifactStore>();
        await using var content = await InStoreAsync(() => store.ReceiveAsync(http.Request.Body, http.RequestAborted), http);
        await KeepAsync(http, place, content);
    }

    /// <summary>Puts content that came at a place.</summary>
    /// <exception cref="MLflowException">A folder is in the way.</exception>
    public static async Task KeepAsync(HttpContext http, ArtifactPlace place, IncomingObject content)
    {
        if (place.Path.Length == 0 || !await InStoreAsync(() => http.RequestServices.GetRequiredService<ArtifactCatalog>().TryReplaceAsync(place, content, http.RequestAborted), http))
        {
            throw MLflowException.Invalid($"Invalid path: '{place.Path}' is a folder, or lies below a file.");
        }
    }

    /// <summary>Artifacts may be of any size; memory stays the same.</summary>
    public static void LiftLimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }
    }

    /// <summary>What the disk or the bucket refuses is said as such; what the connection throws is the client's.</summary>
    public static async Task<T> InStoreAsync<T>(Func<Task<T>> work, HttpContext http)
    {
        try
        {
            return await work();
        }
        catch (ArtifactStoreException exception)
        {
            throw new MLflowException(exception.IsFull ? MLflowErrorCode.ResourceExhausted : MLflowErrorCode.TemporarilyUnavailable, exception.Message);
        }
        catch (Exception exception) when (
            exception is UnauthorizedAccessException or IOException
            && exception is not (BadHttpRequestException or Microsoft.AspNetCore.Connections.ConnectionResetException)
            && !http.RequestAborted.IsCancellationRequested)
        {
            throw new MLflowException(MLflowErrorCode.ResourceExhausted, "The artifact store can't take it now: is its disk full, or not writable?");
        }
    }

    private static string TypeOf(string name)
    {
        var dot = name.LastIndexOf('.');
        return TextEndings.Contains(name[(dot + 1)..]) ? "text/plain" : Types.TryGetContentType(name, out var type) ? type : "application/octet-stream";
    }
}
