using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>The address of the gateway is all that a client of MLflow needs: every route reaches the service that answers it, and files of any size pass.</summary>
[Collection("processes")]
public sealed partial class MLflowGatewayTests
{
    // More than Kestrel takes of a body by itself, and far more than the gateway keeps of one.
    private const int LargeBytes = 40 * 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_of_MLflow_finds_everything_at_the_gateway()
    {
        ServerSet.SkipWithoutServers();
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers, new Dictionary<string, string>
        {
            ["Registry__Webhooks__AllowHttp"] = "true",
            ["Registry__Webhooks__AllowPrivateAddresses"] = "true",
        });
        await services.HealthyAsync();
        using var gateway = new HttpClient { BaseAddress = services.Gateway.Http };

        await AnswersAsAloneAsync(services, gateway);
        foreach (var prefix in new[] { "/api", "/ajax-api" })
        {
            var run = await LogsAsync(gateway, prefix);
            await PassesFilesAsync(gateway, prefix, run);
            await RegistersAsync(gateway, prefix, run);
        }
    }

    /// <summary>Each route of docs/mlflow.md, which an architecture test holds to the code, answers through the gateway as it does alone.</summary>
    private static async Task AnswersAsAloneAsync(FiveServices services, HttpClient gateway)
    {
        var routes = (await File.ReadAllLinesAsync(Path.Combine(Mlops.Root, "docs", "mlflow.md"), Cancel)).Select(line => Row().Match(line)).Where(match => match.Success)
            .Select(match => match.Groups["call"].Value.Split(' ')).SelectMany(parts => parts[..^1], (parts, method) => (Method: method, Path: parts[^1].Replace("{}", "1", StringComparison.Ordinal)))
            .Select(route => route with { Path = route.Path.StartsWith('/') ? route.Path : "/api/2.0/mlflow/" + route.Path })
            .SelectMany(route => route.Path.StartsWith("/api/", StringComparison.Ordinal) ? [route, route with { Path = "/ajax" + route.Path.Replace("/api/", "-api/", StringComparison.Ordinal) }] : new[] { route })
            .ToList();
        var differences = new List<string>();
        foreach (var (method, path) in routes)
        {
            var service = Registry().IsMatch(path) ? "registry" : "tracking";
            using var alone = new HttpClient { BaseAddress = services.Http(service) };
            var (here, there) = (await AskAsync(gateway, method, path), await AskAsync(alone, method, path));
            if (here != there)
            {
                differences.Add($"{method} {path}: {here} instead of {there}");
            }
        }

        Assert.True(routes.Count > 150, $"{routes.Count}");
        Assert.Empty(differences);
    }

    private static async Task<string> LogsAsync(HttpClient gateway, string prefix)
    {
        var experiment = (string)(await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/experiments/create", new JsonObject { ["name"] = $"gateway {prefix}" }))["experiment_id"]!;
        var run = (await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/runs/create", new JsonObject { ["experiment_id"] = experiment, ["start_time"] = 1 }))["run"]!["info"]!;
        await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/runs/log-metric", new JsonObject { ["run_id"] = (string)run["run_id"]!, ["key"] = "m", ["value"] = 1, ["timestamp"] = 1 });
        var found = await SendAsync(
            gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/runs/search", new JsonObject { ["experiment_ids"] = new JsonArray(experiment), ["filter"] = "metrics.m = 1" });
        Assert.Equal((string)run["run_id"]!, (string)found["runs"]![0]!["info"]!["run_id"]!);
        Assert.Equal("3.11.0", await gateway.GetStringAsync(new Uri("/version", UriKind.Relative), Cancel));
        Assert.Equal("SqlStore", (string)(await SendAsync(gateway, HttpMethod.Get, $"{prefix}/3.0/mlflow/server-info", null))["store_type"]!);
        return $"{experiment}/{(string)run["run_id"]!}";
    }

    private static async Task PassesFilesAsync(HttpClient gateway, string prefix, string run)
    {
        var content = RandomNumberGenerator.GetBytes(LargeBytes);
        var path = $"{prefix}/2.0/mlflow-artifacts/artifacts/{run}/artifacts/large.bin";
        // Without a length, as a stream is sent that is made meanwhile.
        using (var upload = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StreamContent(new MemoryStream(content)) })
        {
            upload.Headers.TransferEncodingChunked = prefix == "/api";
            using var answer = await gateway.SendAsync(upload, Cancel);
            Assert.Equal("{}", await answer.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await gateway.GetByteArrayAsync(new Uri(path, UriKind.Relative), Cancel)));
        using var part = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(LargeBytes - 10, null) } };
        using var partly = await gateway.SendAsync(part, Cancel);
        Assert.Equal((HttpStatusCode.PartialContent, 10L), (partly.StatusCode, partly.Content.Headers.ContentLength));
        var id = run.Split('/')[1];
        var sent = await gateway.GetByteArrayAsync(new Uri($"/get-artifact?run_id={id}&path=large.bin", UriKind.Relative), Cancel);
        Assert.Equal(LargeBytes, sent.Length);
        Assert.Equal(LargeBytes, (int)(await SendAsync(gateway, HttpMethod.Get, $"{prefix}/2.0/mlflow/artifacts/list?run_id={id}", null))["files"]![0]!["file_size"]!);
    }

    private static async Task RegistersAsync(HttpClient gateway, string prefix, string run)
    {
        var name = $"gateway{prefix.Replace('/', '-')}";
        await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/registered-models/create", new JsonObject { ["name"] = name });
        var hook = await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/webhooks", new JsonObject
        {
            ["name"] = "hook",
            ["url"] = "http://127.0.0.1:9/x",
            ["events"] = new JsonArray(new JsonObject { ["entity"] = "MODEL_VERSION", ["action"] = "CREATED" }),
            ["secret"] = "s",
        });
        var source = $"mlflow-artifacts:/{run}/artifacts/model";
        await SendAsync(gateway, HttpMethod.Post, $"{prefix}/2.0/mlflow/model-versions/create", new JsonObject { ["name"] = name, ["source"] = source, ["run_id"] = run.Split('/')[1] });
        Assert.Equal(source, (string)(await SendAsync(gateway, HttpMethod.Get, $"{prefix}/2.0/mlflow/model-versions/get-download-uri?name={name}&version=1", null))["artifact_uri"]!);
        await SendAsync(gateway, HttpMethod.Patch, $"{prefix}/2.0/mlflow/registered-models/update", new JsonObject { ["name"] = name, ["description"] = "d" });
        var deliveries = await SendAsync(gateway, HttpMethod.Get, $"{prefix}/2.0/mlflow/webhooks/{(string)hook["webhook"]!["webhook_id"]!}/deliveries", null);
        Assert.Equal("MODEL_VERSION.CREATED", (string)deliveries["deliveries"]![0]!["event"]!);
        await SendAsync(gateway, HttpMethod.Delete, $"{prefix}/2.0/mlflow/registered-models/delete", new JsonObject { ["name"] = name });
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>The answer to an empty request: what it is depends on the route alone, but for the ids that it makes up.</summary>
    private static async Task<string> AskAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PATCH" or "DELETE")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await client.SendAsync(request, Cancel);
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {MadeUp().Replace(await answer.Content.ReadAsStringAsync(Cancel), "")}";
    }

    [GeneratedRegex("^\\| `(?<call>(GET|POST|PUT|PATCH|DELETE) [^`]+)` \\| .* \\|$")]
    private static partial Regex Row();

    [GeneratedRegex("/(registered-models|model-versions|webhooks)(/|$)")]
    private static partial Regex Registry();

    [GeneratedRegex("[0-9a-f]{32}|[a-z]+-[a-z]+-[0-9]+|[0-9]{13}")]
    private static partial Regex MadeUp();
}
