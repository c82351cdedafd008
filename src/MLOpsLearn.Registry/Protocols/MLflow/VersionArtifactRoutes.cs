using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary><c>/model-versions/get-artifact</c>: a file of a version, streamed from tracking, which keeps it.</summary>
internal static class VersionArtifactRoutes
{
    private const string Runs = "runs:/";
    private const string Proxied = "mlflow-artifacts:/";

    public static void MapVersionArtifacts(this IEndpointRouteBuilder routes) => routes
        .MapGet("/model-versions/get-artifact", (HttpContext http) => MLflowRoutes.GuardAsync(http, () => SendAsync(http)))
        .WithMetadata(new RequiredPermission("registry.versions.read"));

    private static async Task SendAsync(HttpContext http)
    {
        var (name, number, path) = (Argument(http, "name"), Argument(http, "version"), Argument(http, "path"));
        if (!IsPlain(path))
        {
            throw MLflowException.Invalid("Invalid path");
        }

        if (!ModelNames.CanBeStored(name) || !int.TryParse(number, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version))
        {
            throw RegistryWords.NoVersion(name, number);
        }

        var found = await http.RequestServices.GetRequiredService<VersionCatalog>().FindAsync(name, version, http.RequestAborted).SayVersionAsync(name, version);
        using var client = http.RequestServices.GetRequiredService<IHttpClientFactory>().CreateClient("tracking");
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(found.DownloadLocation, path));
        if (http.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable))
            {
                throw answer.StatusCode == HttpStatusCode.BadRequest ? MLflowException.Invalid("Invalid path") : MLflowException.NotFound($"No such artifact: '{path}'");
            }

            http.Response.StatusCode = (int)answer.StatusCode;
            foreach (var header in answer.Content.Headers)
            {
                http.Response.Headers[header.Key] = header.Value.ToArray();
            }

            http.Response.Headers.XContentTypeOptions = "nosniff";
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (HttpRequestException) when (!http.Response.HasStarted)
        {
            throw new MLflowException(MLflowErrorCode.TemporarilyUnavailable, "Tracking, which keeps the file, does not answer; try again.");
        }
    }

    // Parts that would be tidied away would lead to another of tracking's routes.
    private static bool IsPlain(string path) => !path.Split('/').Any(part => part is "" or "." or "..");

    /// <summary>Where tracking serves the file.</summary>
    private static string Address(string location, string path)
    {
        if (location.StartsWith(Runs, StringComparison.Ordinal))
        {
            var run = location[Runs.Length..].Split('/', 2);
            var below = run.Length == 2 ? $"{run[1].TrimEnd('/')}/{path}" : path;
            return $"get-artifact?run_id={Uri.EscapeDataString(run[0])}&path={Uri.EscapeDataString(below)}";
        }

        return location.StartsWith(Proxied, StringComparison.Ordinal)
            ? "api/2.0/mlflow-artifacts/artifacts/" + string.Join('/', location[Proxied.Length..].Trim('/').Split('/').Concat(path.Split('/')).Select(Uri.EscapeDataString))
            : throw MLflowException.Invalid($"The files of this version lie at {location}, which this server does not serve.");
    }

    private static string Argument(HttpContext http, string name) =>
        http.Request.Query[name].ToString() is { Length: > 0 } value && ModelNames.IsText(value)
            ? value
            : throw MLflowException.Invalid($"Missing value for required parameter '{name}'. See the API docs for more information about request parameters.");
}
