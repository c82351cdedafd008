using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.Artifacts;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary><c>mlflow-artifacts</c>: the store that clients reach through this server.</summary>
internal static class ProxiedArtifactRoutes
{
    private const string Prefix = "2.0/mlflow-artifacts/";
    private const string Read = "tracking.artifacts.read";
    private const string Write = "tracking.artifacts.write";

    public static void MapProxiedArtifacts(this IEndpointRouteBuilder routes)
    {
        routes.MapMLflow("GET", Prefix + "artifacts", Read, ListAsync);
        routes.MapMLflow("POST", Prefix + "mpu/create/{**folder}", Write, BeginAsync);
        routes.MapMLflow("POST", Prefix + "mpu/complete/{**folder}", Write, CompleteAsync);
        routes.MapMLflow("POST", Prefix + "mpu/abort/{**folder}", Write, AbortAsync);
        routes.MapMLflow("GET", Prefix + "mpu/parts/{id}", Read, ListPartsAsync);
        routes.MapMLflow("GET", Prefix + "presigned/{**path}", Read, static _ => throw new MLflowException(
            MLflowErrorCode.NotImplemented, "Presigned URL download is not supported for the current artifact repository"));
        foreach (var prefix in new[] { "/api/", "/ajax-api/" })
        {
            Map("GET", prefix + Prefix + "artifacts/{**path}", Read, async http => await ArtifactFiles.SendAsync(http, await PlaceAsync(http, ProxiedPath.CheckFile(Part(http, "path")))));
            Map("PUT", prefix + Prefix + "artifacts/{**path}", Write, PutAsync);
            Map("DELETE", prefix + Prefix + "artifacts/{**path}", Write, DeleteAsync);
            Map("PUT", prefix + Prefix + "mpu/parts/{id}/{number:int}", Write, PutPartAsync);
        }

        void Map(string method, string path, string permission, Func<HttpContext, Task> handler) =>
            routes.MapMethods(path, [method], (HttpContext http) => MLflowRoutes.GuardAsync(http, () => handler(http))).WithMetadata(new RequiredPermission(permission));
    }

    private static async Task ListAsync(MLflowCall call)
    {
        var path = ProxiedPath.Check(call.Fields.String("path") ?? "");
        var entries = await call.Http.RequestServices.GetRequiredService<ArtifactFolders>().ListAsync(await PlaceAsync(call.Http, path), call.Cancelled);
        RunArtifactRoutes.WriteEntries(call, entries, "");
    }

    private static async Task PutAsync(HttpContext http)
    {
        var path = ProxiedPath.CheckFile(Part(http, "path"));
        await ArtifactFiles.ReceiveAsync(http, await PlaceAsync(http, path));
        await EmptyAsync(http);
    }

    private static async Task DeleteAsync(HttpContext http)
    {
        var path = ProxiedPath.CheckFile(Part(http, "path"));
        await http.RequestServices.GetRequiredService<ArtifactFolders>().DeleteAsync(await PlaceAsync(http, path), http.RequestAborted);
        await EmptyAsync(http);
    }

    private static async Task BeginAsync(MLflowCall call)
    {
        var path = FileOf(call);
        var parts = call.Fields.RequiredLong("num_parts");
        if (parts is < 1 or > MultipartUploads.MostParts)
        {
            throw MLflowException.Invalid($"Invalid value {parts} for parameter 'num_parts' supplied: It must be between 1 and {MultipartUploads.MostParts}.");
        }

        var uploads = call.Http.RequestServices.GetRequiredService<MultipartUploads>();
        var id = await ArtifactFiles.InStoreAsync(() => uploads.BeginAsync(path, call.Cancelled), call.Http);
        call.Answer.WriteString("upload_id", id);
        call.Answer.WriteStartArray("credentials");
        for (var number = 1; number <= parts; number++)
        {
            call.Answer.WriteStartObject();
            call.Answer.WriteString("url", string.Create(CultureInfo.InvariantCulture, $"{Origin(call.Http.Request)}/api/{Prefix}mpu/parts/{id}/{number}"));
            call.Answer.WriteNumber("part_number", number);
            call.Answer.WriteStartObject("headers");
            call.Answer.WriteEndObject();
            call.Answer.WriteEndObject();
        }

        call.Answer.WriteEndArray();
    }

    private static async Task PutPartAsync(HttpContext http)
    {
        var uploads = http.RequestServices.GetRequiredService<MultipartUploads>();
        var (id, number) = (Part(http, "id"), int.Parse(Part(http, "number"), CultureInfo.InvariantCulture));
        await CheckAsync(http, uploads, id);
        if (number is < 1 or > MultipartUploads.MostParts)
        {
            throw MLflowException.Invalid($"Invalid part number {number}: It must be between 1 and {MultipartUploads.MostParts}.");
        }

        ArtifactFiles.LiftLimit(http);
        var tag = await ArtifactFiles.InStoreAsync(() => uploads.ReceiveAsync(id, number, http.Request.Body, http.RequestAborted), http);
        http.Response.Headers.ETag = $"\"{tag}\"";
        await EmptyAsync(http);
    }

    private static async Task ListPartsAsync(MLflowCall call)
    {
        var uploads = call.Http.RequestServices.GetRequiredService<MultipartUploads>();
        var id = call.Part("id");
        await CheckAsync(call.Http, uploads, id);
        var parts = await ArtifactFiles.InStoreAsync(() => uploads.PartsAsync(id, call.Cancelled), call.Http);
        call.Answer.WriteStartArray("parts");
        foreach (var (number, (tag, size)) in parts)
        {
            call.Answer.WriteStartObject();
            call.Answer.WriteNumber("part_number", number);
            call.Answer.WriteString("etag", $"\"{tag}\"");
            call.Answer.WriteNumber("size", size);
            call.Answer.WriteEndObject();
        }

        call.Answer.WriteEndArray();
    }

    private static async Task CompleteAsync(MLflowCall call)
    {
        var uploads = call.Http.RequestServices.GetRequiredService<MultipartUploads>();
        var (path, id) = (FileOf(call), call.Fields.RequiredString("upload_id"));
        await CheckAsync(call.Http, uploads, id, path);
        var here = await ArtifactFiles.InStoreAsync(() => uploads.PartsAsync(id, call.Cancelled), call.Http);
        var parts = call.Fields.Objects("parts").Select(part => (Number: part.Int("part_number") ?? 0, Tag: (part.String("etag") ?? "").Trim('"'))).ToList();
        if (parts.Count == 0 || parts.Zip(parts.Skip(1)).Any(pair => pair.Second.Number <= pair.First.Number)
            || parts.Exists(part => !here.TryGetValue(part.Number, out var found) || found.Tag != part.Tag))
        {
            throw MLflowException.Invalid("Invalid value for parameter 'parts' supplied: It must name parts that were uploaded, with their etags, in the order of their numbers.");
        }

        await using var content = await ArtifactFiles.InStoreAsync(() => uploads.JoinAsync(id, parts, call.Cancelled), call.Http);
        await ArtifactFiles.KeepAsync(call.Http, await PlaceAsync(call.Http, path), content);
        await EndAsync(call.Http, uploads, id);
    }

    private static async Task AbortAsync(MLflowCall call)
    {
        var uploads = call.Http.RequestServices.GetRequiredService<MultipartUploads>();
        var (path, id) = (FileOf(call), call.Fields.RequiredString("upload_id"));
        await CheckAsync(call.Http, uploads, id, path);
        await EndAsync(call.Http, uploads, id);
    }

    private static async Task CheckAsync(HttpContext http, MultipartUploads uploads, string id, string? path = null)
    {
        if (!await ArtifactFiles.InStoreAsync(() => uploads.ExistsAsync(id, path, http.RequestAborted), http))
        {
            throw NoUpload(id);
        }
    }

    private static Task EndAsync(HttpContext http, MultipartUploads uploads, string id) => ArtifactFiles.InStoreAsync(
        async () =>
        {
            await uploads.EndAsync(id, http.RequestAborted);
            return true;
        },
        http);

    private static string FileOf(MLflowCall call)
    {
        var folder = ProxiedPath.Check(Part(call.Http, "folder"));
        var name = ProxiedPath.CheckFile(call.Fields.RequiredString("path"));
        return ProxiedPath.CheckFile(folder.Length == 0 ? name : $"{folder}/{name}");
    }

    private static MLflowException NoUpload(string id) => MLflowException.NotFound($"No such upload: '{(id.Length <= 100 ? id : id[..100])}'");

    // Behind a gateway the client must get the gateway's address; what it claims about itself only comes back to it.
    private static string Origin(HttpRequest request)
    {
        var host = request.Headers["X-Forwarded-Host"].ToString() is { Length: > 0 } forwarded ? forwarded : request.Host.ToString();
        var scheme = request.Headers["X-Forwarded-Proto"].ToString() is "https" ? "https" : request.Scheme;
        return $"{scheme}://{host}";
    }

    private static Task<ArtifactPlace> PlaceAsync(HttpContext http, string path) =>
        http.RequestServices.GetRequiredService<ArtifactPlaces>().LocateAsync(path, http.RequestAborted);

    private static string Part(HttpContext http, string name)
    {
        // The web server has resolved ".." by now; who sent it wanted something else than what is left.
        var sent = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        return ProxiedPath.StepsUp(sent.Split('?')[0]) ? throw MLflowException.Invalid("Invalid path") : http.Request.RouteValues[name]?.ToString() ?? "";
    }

    private static Task EmptyAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("{}", http.RequestAborted);
    }
}
