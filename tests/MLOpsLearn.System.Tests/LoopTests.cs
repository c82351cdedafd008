using System.Text.Json;

namespace MLOpsLearn.SystemTests;

/// <summary>The whole loop, through the real processes.</summary>
[Collection("processes")]
public sealed class LoopTests
{
    [Fact]
    public async Task A_drifting_input_leads_to_a_promoted_retrained_model()
    {
        var state = Directory.CreateTempSubdirectory("mlops-loop-").FullName;
        try
        {
            var (exitCode, output, errors) = await Mlops.RunAsync("demo", "--json", "--state", state);

            Assert.True(exitCode == 0, errors);
            using var json = JsonDocument.Parse(output);
            var result = json.RootElement;
            Assert.True(result.GetProperty("closed").GetBoolean());
            var months = result.GetProperty("months").EnumerateArray().ToList();
            Assert.Equal(7, months.Count);
            // Nothing happens while the city stays the same; then all of it happens in the month that changes.
            Assert.All(months.Take(3), month => Assert.Empty(month.GetProperty("events").EnumerateArray()));
            Assert.Contains("promoted", months[3].GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("kind").GetString()));
            Assert.Equal(1, months[3].GetProperty("version").GetInt32());
            Assert.Equal(2, months[4].GetProperty("version").GetInt32());
            var after = result.GetProperty("rmse_after_first_retraining");
            Assert.True(after.GetProperty("live").GetDouble() < after.GetProperty("frozen").GetDouble() * 0.94);
            AssertOnlyPredictsLabelsAndReadsAfterSetUp(Path.Combine(state, "logs", "requests.jsonl"));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [Fact]
    public async Task On_real_months_retraining_pays()
    {
        var data = SharedFolder.Find("data/green-taxi");
        Assert.SkipWhen(data is null, "skipped: no ../shared");

        var (exitCode, output, errors) = await Mlops.RunAsync("demo", "--json", "--data", data, "--from", "2021-01");

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("first_rmse").GetDouble() <= 5.9);
        var after = json.RootElement.GetProperty("rmse_after_first_retraining");
        Assert.True(after.GetProperty("live").GetDouble() <= after.GetProperty("frozen").GetDouble() * 0.94);
    }

    [Fact]
    public async Task A_city_that_never_changes_raises_no_alert()
    {
        var (exitCode, output, errors) = await Mlops.RunAsync("demo", "--json", "--no-change");

        Assert.True(exitCode == 1 && output.Length > 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.All(json.RootElement.GetProperty("months").EnumerateArray(), month => Assert.Empty(month.GetProperty("events").EnumerateArray()));
    }

    /// <summary>The server's own log says what the demo called: once it predicts, it only predicts, labels and reads.</summary>
    private static void AssertOnlyPredictsLabelsAndReadsAfterSetUp(string log)
    {
        var calls = File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(call => call.GetProperty("Client").GetString() == "demo")
            .Select(call => call.GetProperty("Path").GetString()!.Split('/')[^1]).ToList();
        var afterSetUp = calls.SkipWhile(call => call != "Predict").Distinct().ToList();

        Assert.NotEmpty(afterSetUp);
        Assert.All(afterSetUp, call => Assert.True(
            call is "Predict" or "SubmitLabels" || call.StartsWith("Get", StringComparison.Ordinal) || call.StartsWith("List", StringComparison.Ordinal),
            $"{call} is neither a prediction, a label nor a read"));
    }
}
