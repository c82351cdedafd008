using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MLOpsLearn.Cli.Transfer;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Transfer;

/// <summary>Fills a server over MLflow's REST API, and tells all that it holds as text, whichever ids it has for it.</summary>
internal sealed class Store(Uri server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task FillAsync(int runs, int points)
    {
        var experiment = (await PostAsync("experiments/create", new { name = "trips 'n' more", tags = new[] { new { key = "team", value = "ops" } } })).Text("experiment_id");
        for (var i = 0; i < runs; i++)
        {
            var id = await RunAsync(i % 3 == 0 ? "0" : experiment, i, points);
            if (i < 3)
            {
                await ModelAsync(id, i + 1);
            }
        }

        // The second number stays free for ever.
        await SendAsync(HttpMethod.Delete, "model-versions/delete", new { name = "durations", version = "2" });
        await PostAsync("registered-models/alias", new { name = "durations", alias = "champion", version = "3" });
        await PostAsync("model-versions/transition-stage", new { name = "durations", version = "1", stage = "Archived" });
    }

    public async Task<int> CountAsync() => (await RunsAsync()).Count;

    /// <summary>Everything, in an order that doesn't depend on ids.</summary>
    public async Task<string> DescribeAsync()
    {
        var lines = new List<string>();
        foreach (var run in await RunsAsync())
        {
            var (id, info, data) = (MLflowJson.IdOf(run), run["info"], run["data"]);
            var name = info.Text("run_name");
            lines.Add($"{name}: {info.Text("status")} {info.Text("start_time")} {info.Text("end_time")} {info.Text("user_id")}");
            lines.AddRange(data.List("params").Select(param => $"{name} param {param.Text("key")}={param.Text("value")}"));
            lines.AddRange(data.List("tags").Where(tag => !tag.Text("key").StartsWith("mlopslearn.import", StringComparison.Ordinal)).Select(tag => $"{name} tag {tag.Text("key")}={tag.Text("value")}"));
            lines.AddRange(run["inputs"].List("dataset_inputs").Select(input => $"{name} {input.ToJsonString()}"));
            foreach (var metric in data.List("metrics"))
            {
                var history = await GetAsync($"metrics/get-history?run_id={id}&metric_key={metric.Text("key")}");
                lines.AddRange(history.List("metrics").Select(point => $"{name} metric {point.Text("key")} {point.Text("step")} {point.Text("timestamp")} {point.Text("value")}"));
            }

            var model = await _http.GetStringAsync(new Uri($"get-artifact?run_id={id}&path=model/deep%20down/weights.bin", UriKind.Relative), Cancel);
            lines.Add($"{name} file {model}");
        }

        var versions = await GetAsync("model-versions/search?filter=name%3D'durations'");
        foreach (var version in versions.List("model_versions"))
        {
            var run = (await GetAsync($"runs/get?run_id={version.Text("run_id")}"))["run"]!["info"].Text("run_name");
            var source = version.Text("source").Replace(version.Text("run_id"), "RUN", StringComparison.Ordinal);
            if (version.Text("version") == "3")
            {
                // In a logged model there, in the version's run here; the same bytes.
                source = await _http.GetStringAsync(new Uri("model-versions/get-artifact?name=durations&version=3&path=deep/weights.bin", UriKind.Relative), Cancel);
                Assert.Equal("logged weights", source);
            }

            lines.Add($"version {version.Text("version")} of {run}: {source} {version.Text("current_stage")} {version.Text("description")} {version.Tag("kind")}");
        }

        var alias = await GetAsync("registered-models/alias?name=durations&alias=champion");
        lines.Add($"champion {alias["model_version"].Text("version")}");
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _http.Dispose();

    private async Task<List<JsonObject>> RunsAsync() =>
        [.. (await PostAsync("runs/search", new { all_experiments = true, max_results = 50_000 })).List("runs")];

    private async Task<string> RunAsync(string experiment, int number, int points)
    {
        var created = await PostAsync("runs/create", new { experiment_id = experiment, run_name = $"run {number}", user_id = "ann", start_time = 1_700_000_000_000 + number });
        var id = MLflowJson.IdOf((JsonObject)created["run"]!);
        var metrics = Enumerable.Range(0, points).Select(step => new { key = "loss", value = (object)(1.0 / (step + number + 1)), timestamp = 1_700_000_000_000 + step, step })
            .Append(new { key = "odd", value = (object)"NaN", timestamp = 1_700_000_000_000, step = -3 });
        foreach (var part in metrics.Chunk(1000))
        {
            await PostAsync("runs/log-batch", new { run_id = id, metrics = part });
        }

        await PostAsync("runs/log-batch", new
        {
            run_id = id,
            @params = new[] { new { key = "trees", value = number.ToString(CultureInfo.InvariantCulture) }, new { key = "empty", value = "" } },
            tags = new[] { new { key = "mlflow.note.content", value = "a\nnote \u00fc" } },
        });
        await PostAsync("runs/log-inputs", new
        {
            run_id = id,
            datasets = new[] { new { tags = new[] { new { key = "mlflow.data.context", value = "training" } }, dataset = new { name = "trips", digest = "d1", source_type = "local", source = "{}" } } },
        });
        using var content = new StringContent($"weights of {number}");
        using var uploaded = await _http.PutAsync(new Uri($"api/tracking/v1/runs/{id}/artifacts/model/deep%20down/weights.bin", UriKind.Relative), content, Cancel);
        uploaded.EnsureSuccessStatusCode();
        await PostAsync("runs/update", new { run_id = id, status = number % 2 == 0 ? "FINISHED" : "FAILED", end_time = 1_700_000_100_000 + number });
        return id;
    }

    private async Task ModelAsync(string runId, int version)
    {
        if (version == 1)
        {
            await PostAsync("registered-models/create", new { name = "durations", description = "how long" });
        }

        await PostAsync("model-versions/create", new
        {
            name = "durations",
            // The last as clients of MLflow 3 do it: its files are a logged model's, and no run's.
            source = version == 3 ? await LoggedModelAsync(runId) : $"runs:/{runId}/model",
            run_id = runId,
            description = $"number {version}",
            tags = new[] { new { key = "kind", value = "trees" } },
        });
    }

    private async Task<string> LoggedModelAsync(string runId)
    {
        var model = (await PostAsync("logged-models", new { experiment_id = "0", source_run_id = runId }))["model"]!["info"]!;
        using var content = new StringContent("logged weights");
        var place = model.Text("artifact_uri").Replace("mlflow-artifacts:/", "api/2.0/mlflow-artifacts/artifacts/", StringComparison.Ordinal);
        using var uploaded = await _http.PutAsync(new Uri($"{place}/deep/weights.bin", UriKind.Relative), content, Cancel);
        uploaded.EnsureSuccessStatusCode();
        return $"models:/{model.Text("model_id")}";
    }

    private async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>("api/2.0/mlflow/" + path, Cancel))!;

    private Task<JsonNode> PostAsync(string path, object body) => SendAsync(HttpMethod.Post, path, body);

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, "api/2.0/mlflow/" + path) { Content = JsonContent.Create(body) };
        using var response = await _http.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!;
    }
}
