using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.SystemTests;

/// <summary>What MLflow's clients were told is stored is stored, whatever happens to the process.</summary>
[Collection("processes")]
public sealed class MLflowKillTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("mlops-mlflow-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task A_kill_under_load_loses_nothing_that_was_answered()
    {
        var cancel = TestContext.Current.CancellationToken;
        var answered = new ConcurrentBag<long>();
        string runId;
        await using (var server = await ServerUnderTest.StartAsync(_state))
        {
            using var http = new HttpClient { BaseAddress = server.Client.Server };
            runId = (string)(await PostAsync(http, "runs/create", new { experiment_id = "0" }))!["run"]!["info"]!["run_id"]!;
            var writers = Enumerable.Range(0, 20).Select(async writer =>
            {
                try
                {
                    for (var step = writer; ; step += 20)
                    {
                        await PostAsync(http, "runs/log-metric", new { run_id = runId, key = "m", value = step, timestamp = step, step });
                        answered.Add(step);
                    }
                }
                catch (HttpRequestException)
                {
                    // The process is gone.
                }
            }).ToList();
            while (answered.Count < 1000)
            {
                await Task.Delay(10, cancel);
            }

            await server.KillAsync();
            await Task.WhenAll(writers);
        }

        await using var again = await ServerUnderTest.StartAsync(_state);
        using var reader = new HttpClient { BaseAddress = again.Client.Server };
        var history = await reader.GetFromJsonAsync<JsonNode>($"api/2.0/mlflow/metrics/get-history?run_id={runId}&metric_key=m", cancel);
        var kept = history!["metrics"]!.AsArray().Select(point => (long)point!["step"]!).ToHashSet();
        Assert.True(answered.Count >= 1000);
        Assert.DoesNotContain(answered, step => !kept.Contains(step));
    }

    private static async Task<JsonNode?> PostAsync(HttpClient http, string path, object body)
    {
        using var response = await http.PostAsJsonAsync("api/2.0/mlflow/" + path, body, TestContext.Current.CancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
    }
}
