using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>Calls of MLflow's REST API. A call that bears repetition is made again when the server is away for a moment.</summary>
internal sealed class MLflowApi(Uri server, AuthenticationHeaderValue? authorization, TimeProvider time) : IDisposable
{
    private const int Attempts = 5;
    private const int MostMessage = 500;
    private static readonly TimeSpan CallPatience = TimeSpan.FromMinutes(2);
    private readonly HttpClient _http = new()
    {
        BaseAddress = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/"),
        DefaultRequestHeaders = { Authorization = authorization },
        // Files take as long as they take; other calls have a limit of their own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The credentials that MLflow's own clients take from the environment: a token, or a name with a password.</summary>
    public static AuthenticationHeaderValue? FromEnvironment(Func<string, string?> variable)
    {
        if (variable("MLFLOW_TRACKING_TOKEN") is { Length: > 0 } token)
        {
            return new AuthenticationHeaderValue("Bearer", token);
        }

        return variable("MLFLOW_TRACKING_USERNAME") is { Length: > 0 } name
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{variable("MLFLOW_TRACKING_PASSWORD")}")))
            : null;
    }

    /// <param name="path">Below "api/2.0/mlflow/".</param>
    /// <param name="query">Fields; null ones are left out.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="MLflowFault">The server refused it.</exception>
    public Task<JsonObject> GetAsync(string path, (string Name, string? Value)[] query, CancellationToken cancellationToken) =>
        GetFromAsync("api/2.0/mlflow/" + path, query, cancellationToken);

    /// <summary>What lies directly in a folder of the server's artifact store.</summary>
    /// <exception cref="MLflowFault">The server refused it.</exception>
    public Task<JsonObject> ListStoreAsync(string folder, CancellationToken cancellationToken) =>
        GetFromAsync("api/2.0/mlflow-artifacts/artifacts", [("path", folder)], cancellationToken);

    private Task<JsonObject> GetFromAsync(string path, (string Name, string? Value)[] query, CancellationToken cancellationToken)
    {
        var fields = query.Where(field => field.Value is not null).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}");
        return RepeatAsync(() => new HttpRequestMessage(HttpMethod.Get, $"{path}?{string.Join('&', fields)}"), Attempts, cancellationToken);
    }

    /// <summary>A call that may be made twice.</summary>
    /// <exception cref="MLflowFault">The server refused it.</exception>
    public Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject body, CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(method, path, body), Attempts, cancellationToken);

    /// <summary>A call that makes something anew each time: whether it did is for the next import to find out, not for a repetition.</summary>
    /// <exception cref="MLflowFault">The server refused it.</exception>
    public Task<JsonObject> CreateAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        RepeatAsync(() => Request(HttpMethod.Post, path, body), 1, cancellationToken);

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="MLflowFault">The server refused it.</exception>
    public async Task<Stream> DownloadAsync(string pathAndQuery, CancellationToken cancellationToken)
    {
        var response = await _http.GetAsync(new Uri(pathAndQuery, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }

        using (response)
        {
            throw await FaultAsync(response, cancellationToken);
        }
    }

    /// <exception cref="MLflowFault">The server refused it.</exception>
    public async Task UploadAsync(string path, Stream content, CancellationToken cancellationToken)
    {
        using var body = new StreamContent(content);
        using var response = await _http.PutAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw await FaultAsync(response, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Request(HttpMethod method, string path, JsonObject body) =>
        new(method, $"api/2.0/mlflow/{path}") { Content = JsonContent.Create(body, new MediaTypeHeaderValue("application/json")) };

    private async Task<JsonObject> RepeatAsync(Func<HttpRequestMessage> request, int attempts, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(CallPatience);
            try
            {
                using var message = request();
                using var response = await _http.SendAsync(message, patience.Token);
                if (response.IsSuccessStatusCode)
                {
                    await using var stream = await response.Content.ReadAsStreamAsync(patience.Token);
                    return await JsonNode.ParseAsync(stream, cancellationToken: patience.Token) as JsonObject ?? throw NotMLflow(response.StatusCode);
                }

                if (attempt >= attempts || !IsPassing(response.StatusCode))
                {
                    throw await FaultAsync(response, cancellationToken);
                }
            }
            catch (HttpRequestException) when (attempt < attempts)
            {
                // Away for a moment, perhaps.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                if (attempt >= attempts)
                {
                    throw new HttpRequestException($"{server.Authority} does not answer.");
                }
            }
            catch (JsonException)
            {
                throw NotMLflow(HttpStatusCode.OK);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200 * Math.Pow(2, attempt)), time, cancellationToken);
        }
    }

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private MLflowFault NotMLflow(HttpStatusCode status) => new($"HTTP {(int)status}", $"{server.Authority} does not answer as an MLflow server does.");

    private async Task<MLflowFault> FaultAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return new MLflowFault("PERMISSION_DENIED", $"{server.Authority} refuses access: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.");
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonNode.Parse(text) is JsonObject error)
            {
                return new MLflowFault((string?)error["error_code"] ?? $"HTTP {(int)response.StatusCode}", (string?)error["message"] ?? (string?)error["detail"] ?? "no reason given");
            }
        }
        catch (JsonException)
        {
            // A page for people, perhaps of a proxy.
        }

        return new MLflowFault($"HTTP {(int)response.StatusCode}", text.Length > MostMessage ? $"HTTP {(int)response.StatusCode}" : text.ReplaceLineEndings(" "));
    }
}
