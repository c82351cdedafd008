using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.Registry.Sources;

/// <summary>What the registry needs of a logged model.</summary>
/// <param name="ArtifactUri">Where its files are.</param>
/// <param name="SourceRunId">The run that made it.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="Params">Its params as MLflow writes them, <c>[{"key", "value"}]</c>; undefined when it has none.</param>
/// <param name="Metrics">Its metrics as MLflow writes them; undefined when it has none.</param>
internal sealed record LoggedModel(string ArtifactUri, string SourceRunId, IReadOnlyDictionary<string, string> Tags, JsonElement Params, JsonElement Metrics);

/// <summary>Asks tracking for logged models, in the form that MLflow's clients ask in.</summary>
internal sealed class LoggedModels(IHttpClientFactory http)
{
    private const string Path = "api/2.0/mlflow/logged-models/";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortPatience = TimeSpan.FromSeconds(2);

    /// <exception cref="MLflowException">There is no such logged model, or tracking does not answer.</exception>
    public async Task<LoggedModel> GetAsync(string modelId, CancellationToken cancellationToken)
    {
        using var document = await SendAsync(HttpMethod.Get, Path + Uri.EscapeDataString(modelId), null, modelId, cancellationToken);
        if (!document.RootElement.TryGetProperty("model", out var model) || !model.TryGetProperty("info", out var info))
        {
            throw new MLflowException(MLflowErrorCode.TemporarilyUnavailable, $"Tracking did not say where the logged model '{modelId}' is.");
        }

        var tags = info.TryGetProperty("tags", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().ToDictionary(tag => Text(tag, "key"), tag => Text(tag, "value"))
            : [];
        var data = model.TryGetProperty("data", out var given) ? given : default;
        return new LoggedModel(Text(info, "artifact_uri"), Text(info, "source_run_id"), tags, List(data, "params"), List(data, "metrics"));
    }

    /// <summary>The same for what can do without: null when there is no such model, or tracking does not answer soon.</summary>
    public async Task<LoggedModel?> TryGetAsync(string modelId, CancellationToken cancellationToken)
    {
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        soon.CancelAfter(ShortPatience);
        try
        {
            return await GetAsync(modelId, soon.Token);
        }
        catch (Exception exception) when (exception is MLflowException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <exception cref="MLflowException">There is no such logged model, or tracking does not answer.</exception>
    public async Task SetTagAsync(string modelId, string key, string value, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["tags"] = new JsonArray(new JsonObject { ["key"] = key, ["value"] = value }) };
        using var answer = await SendAsync(HttpMethod.Patch, Path + Uri.EscapeDataString(modelId) + "/tags", body, modelId, cancellationToken);
    }

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, JsonObject? body, string modelId, CancellationToken cancellationToken)
    {
        using var client = http.CreateClient("tracking");
        client.Timeout = Patience;
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            }

            using var response = await client.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest)
            {
                throw MLflowException.NotFound($"Logged model with ID '{modelId}' not found.");
            }

            response.EnsureSuccessStatusCode();
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new MLflowException(MLflowErrorCode.TemporarilyUnavailable, $"Tracking did not answer for the logged model '{modelId}'; nothing was changed, try again.");
        }
    }

    // The document is given back when this is long gone.
    private static JsonElement List(JsonElement data, string name) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.Clone() : default;

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
