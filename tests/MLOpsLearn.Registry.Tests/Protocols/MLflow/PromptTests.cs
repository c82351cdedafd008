using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Prompts are models with a tag.</summary>
public sealed class PromptTests(PostgresFixture postgres)
{
    private const string IsPrompt = """{"key": "mlflow.prompt.is_prompt", "value": "true"}""";

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Prompts_share_names_with_models_and_take_plain_words_as_sources(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("model");
        await client.AddModelAsync("prompt", $", \"tags\": [{IsPrompt}]");
        Task<Reply> VersionAsync(string source) => client.PostAsync(
            "model-versions/create", $$"""{"name": "prompt", "source": "{{source}}", "tags": [{{IsPrompt}}, {"key": "mlflow.prompt.text", "value": "Hi"}]}""");

        Assert.Equal("1", (await VersionAsync("dummy-source"))["model_version"].GetProperty("version").GetString());
        Assert.Equal("prompt-template", (await VersionAsync("prompt-template"))["model_version"].GetProperty("source").GetString());
        Assert.Equal(400, (await VersionAsync("file:///etc/passwd")).Status);
        Assert.Equal(400, (await VersionAsync("/etc/passwd")).Status);
        foreach (var body in new[] { """{"name": "prompt"}""", $$"""{"name": "model", "tags": [{{IsPrompt}}]}""", $$"""{"name": "prompt", "tags": [{{IsPrompt}}]}""" })
        {
            var taken = await client.PostAsync("registered-models/create", body);
            Assert.Equal((400, "RESOURCE_ALREADY_EXISTS"), (taken.Status, taken.Code));
            Assert.Contains("rompt", taken.Message, StringComparison.Ordinal);
        }
    }
}
