using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.LoggedModels;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Artifacts by run or logged model, as browsers and clients in other languages ask for them.</summary>
internal static class RunArtifactRoutes
{
    private const string Read = "tracking.artifacts.read";
    private const string Write = "tracking.artifacts.write";
    private const int MostDirectBytes = 10 * 1024 * 1024;

    public static void MapRunArtifacts(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "artifacts/list", Read, ListOfRunAsync);
        routes.MapCall("GET", "logged-models/{model}/artifacts/directories", Read, ListOfModelAsync);
        routes.MapCall("POST", "artifacts/presigned-upload-url", Write, static _ => throw MLflowException.Invalid(
            "Presigned URL upload is not supported: the artifacts of this server are uploaded through it."));
        Map("GET", "/get-artifact", Read, async http => await ArtifactFiles.SendAsync(http, (await RunAsync(http, Argument(http, "run_id", "run_uuid"))).Place.Below(FileArgument(http, "path"))));
        Map("GET", "/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files", Read, async http =>
            await ArtifactFiles.SendAsync(http, (await ModelAsync(http, http.Request.RouteValues["model"]!.ToString()!)).Place.Below(FileArgument(http, "artifact_file_path"))));
        Map("POST", "/ajax-api/2.0/mlflow/upload-artifact", Write, UploadAsync);

        void Map(string method, string path, string permission, Func<HttpContext, Task> handler) =>
            routes.MapMethods(path, [method], (HttpContext http) => MLflowRoutes.GuardAsync(http, () => handler(http))).WithMetadata(new RequiredPermission(permission));
    }

    /// <summary>Writes a listing as "files"; nothing when it is empty.</summary>
    public static void WriteEntries(MLflowCall call, List<FolderEntry> entries, string prefix)
    {
        if (entries.Count == 0)
        {
            return;
        }

        call.Answer.WriteStartArray("files");
        foreach (var entry in entries)
        {
            call.Answer.WriteStartObject();
            call.Answer.WriteString("path", prefix + entry.Name);
            call.Answer.WriteBoolean("is_dir", entry.IsFolder);
            if (entry.SizeBytes is { } size)
            {
                call.Answer.WriteNumber("file_size", size);
            }

            call.Answer.WriteEndObject();
        }

        call.Answer.WriteEndArray();
    }

    private static async Task ListOfRunAsync(MLflowCall call)
    {
        var path = ProxiedPath.Check(call.Fields.String("path") ?? "");
        await AnswerAsync(call, await RunAsync(call.Http, Checks.RunIdOf(call.Fields)), path);
    }

    private static async Task ListOfModelAsync(MLflowCall call)
    {
        var path = ProxiedPath.Check(call.Fields.String("artifact_directory_path") ?? "");
        await AnswerAsync(call, await ModelAsync(call.Http, call.Part("model")), path);
    }

    private static async Task AnswerAsync(MLflowCall call, (string Uri, ArtifactPlace Place) root, string path)
    {
        var entries = await call.Http.RequestServices.GetRequiredService<ArtifactFolders>().ListAsync(path.Length == 0 ? root.Place : root.Place.Below(path), call.Cancelled);
        call.Answer.WriteString("root_uri", root.Uri);
        WriteEntries(call, entries, path.Length == 0 ? "" : path + "/");
    }

    private static async Task UploadAsync(HttpContext http)
    {
        foreach (var name in new[] { "run_uuid", "path" })
        {
            if (http.Request.Query[name].ToString().Length == 0)
            {
                throw MLflowException.Invalid($"Request must specify {name}.");
            }
        }

        var path = FileArgument(http, "path");
        var place = (await RunAsync(http, Argument(http, "run_uuid", "run_uuid"))).Place.Below(path);
        if (http.Request.ContentLength is 0)
        {
            throw MLflowException.Invalid("Request must specify data.");
        }

        if (http.Request.ContentLength is null or > MostDirectBytes)
        {
            throw MLflowException.Invalid($"Artifact size is too large. Max size is {MostDirectBytes / 1024 / 1024}MB.");
        }

        await ArtifactFiles.ReceiveAsync(http, place);
    }

    private static async Task<(string Uri, ArtifactPlace Place)> RunAsync(HttpContext http, string runId)
    {
        var run = await http.RequestServices.GetRequiredService<TrackingDbContext>().Runs.AsNoTracking().Where(run => run.RunId == runId)
            .Select(run => new { run.Key, run.ArtifactUri }).FirstOrDefaultAsync(http.RequestAborted)
            ?? throw MLflowException.NotFound($"Run with id={runId} not found");
        // Whatever of the run is here; what its clients keep elsewhere is not.
        return (run.ArtifactUri, new ArtifactPlace(run.Key, ""));
    }

    private static async Task<(string Uri, ArtifactPlace Place)> ModelAsync(HttpContext http, string modelId)
    {
        var uri = await http.RequestServices.GetRequiredService<TrackingDbContext>().Set<LoggedModel>().AsNoTracking()
            .Where(model => model.ModelId == modelId && model.DeletedMs == null).Select(model => model.ArtifactUri).FirstOrDefaultAsync(http.RequestAborted)
            ?? throw MLflowException.NotFound($"Logged model with ID '{modelId}' not found.");
        var path = ArtifactPlaces.PathOf(uri) ?? throw MLflowException.Invalid($"The artifacts of logged model '{modelId}' lie at {uri}, which this server does not serve.");
        return (uri, await http.RequestServices.GetRequiredService<ArtifactPlaces>().LocateAsync(path, http.RequestAborted));
    }

    private static string Argument(HttpContext http, string name, string other)
    {
        var value = http.Request.Query[name].ToString() is { Length: > 0 } given ? given : http.Request.Query[other].ToString();
        return value.Length > 0 && !value.Contains('\0') ? value
            : throw MLflowException.Invalid($"Missing value for required parameter '{name}'. See the API docs for more information about request parameters.");
    }

    private static string FileArgument(HttpContext http, string name) => ProxiedPath.CheckFile(Argument(http, name, name));
}
