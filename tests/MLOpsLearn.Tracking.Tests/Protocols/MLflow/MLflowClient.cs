using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>Sends what a client of MLflow would send, and shows what came back.</summary>
internal sealed class MLflowClient(HttpClient http)
{
    private static int _names;

    public HttpClient Http => http;

    public required TrackingApp App { get; init; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The answer to a POST that must succeed.</summary>
    public Task<JsonNode> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, object body)
    {
        var (status, answer) = await TrySendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{path}: {status} {answer}");
        return answer;
    }

    public async Task<JsonNode> GetAsync(string pathAndQuery)
    {
        var (status, answer) = await TryGetAsync(pathAndQuery);
        Assert.True(status == HttpStatusCode.OK, $"{pathAndQuery}: {status} {answer}");
        return answer;
    }

    public Task<(HttpStatusCode Status, JsonNode Answer)> TryPostAsync(string path, object body) => TrySendAsync(HttpMethod.Post, path, body);

    /// <summary>Sends an object as JSON, or text as it is.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> TrySendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, Full(path))
        {
            Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        };
        using var response = await http.SendAsync(request, Cancel);
        return await ReadAsync(response);
    }

    public async Task<(HttpStatusCode Status, JsonNode Answer)> TryGetAsync(string pathAndQuery)
    {
        using var response = await http.GetAsync(Full(pathAndQuery), Cancel);
        return await ReadAsync(response);
    }

    /// <summary>The message of a refusal with this status and code.</summary>
    public async Task<string> RefusedAsync(string path, object body, string code = "INVALID_PARAMETER_VALUE", int status = 400)
    {
        var (got, answer) = await TryPostAsync(path, body);
        Assert.True((int)got == status && (string?)answer["error_code"] == code, $"{path}: expected {status} {code}, got {got} {answer}");
        return (string)answer["message"]!;
    }

    public async Task<string> GetRefusedAsync(string pathAndQuery, string code = "INVALID_PARAMETER_VALUE", int status = 400)
    {
        var (got, answer) = await TryGetAsync(pathAndQuery);
        Assert.True((int)got == status && (string?)answer["error_code"] == code, $"{pathAndQuery}: expected {status} {code}, got {got} {answer}");
        return (string)answer["message"]!;
    }

    public static string NewName(string what = "experiment") => $"{what} {Interlocked.Increment(ref _names)} {Guid.NewGuid():N}";

    public async Task<string> NewExperimentAsync() => (string)(await PostAsync("experiments/create", new { name = NewName() }))["experiment_id"]!;

    public async Task<string> NewRunAsync(string? experimentId = null, long startTime = 1, string? name = null) => (string)(await PostAsync(
        "runs/create", new { experiment_id = experimentId ?? "0", start_time = startTime, run_name = name }))["run"]!["info"]!["run_id"]!;

    public async Task<JsonNode> RunAsync(string runId) => (await GetAsync($"runs/get?run_id={runId}"))["run"]!;

    /// <summary>The ids of the runs that a search finds, on all its pages.</summary>
    public async Task<List<string>> SearchAsync(string experimentId, string? filter = null, string[]? orderBy = null, int maxResults = 1000, bool extended = false)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            var page = await PostAsync("runs/search", new
            {
                experiment_ids = new[] { experimentId },
                filter,
                order_by = orderBy ?? [],
                max_results = maxResults,
                page_token = token,
                extended_filter = extended,
            });
            found.AddRange((page["runs"]?.AsArray() ?? []).Select(run => (string)run!["info"]!["run_id"]!));
            token = (string?)page["next_page_token"];
        }
        while (token is not null);
        return found;
    }

    private static string Full(string path) => path.StartsWith('/') ? path : "/api/2.0/mlflow/" + path;

    private static async Task<(HttpStatusCode Status, JsonNode Answer)> ReadAsync(HttpResponseMessage response) =>
        (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!);
}
