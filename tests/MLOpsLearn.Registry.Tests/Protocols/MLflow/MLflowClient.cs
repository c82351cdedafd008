using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Speaks MLflow's REST as its clients do.</summary>
internal sealed class MLflowClient(HttpClient http, string prefix = "/api/2.0/mlflow/")
{
    public Task<Reply> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    public Task<Reply> PatchAsync(string path, string json) => SendAsync(HttpMethod.Patch, path, json);

    public Task<Reply> DeleteAsync(string path, string json) => SendAsync(HttpMethod.Delete, path, json);

    public Task<Reply> GetAsync(string path, params (string Key, string Value)[] query) => SendAsync(
        HttpMethod.Get,
        path + (query.Length == 0 ? "" : "?" + string.Join('&', query.Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}"))),
        null);

    /// <summary>A model, which must not exist.</summary>
    public async Task AddModelAsync(string name, string more = "")
    {
        var reply = await PostAsync("registered-models/create", $$"""{"name": {{Quote(name)}}{{more}}}""");
        Assert.Equal((200, ""), (reply.Status, reply.Message));
    }

    /// <summary>The next version of a model.</summary>
    public async Task<string> AddVersionAsync(string model, string more = "", string source = "s3://bucket/model")
    {
        var reply = await PostAsync("model-versions/create", $$"""{"name": {{Quote(model)}}, "source": {{Quote(source)}}{{more}}}""");
        Assert.Equal((200, ""), (reply.Status, reply.Message));
        return reply["model_version"].GetProperty("version").GetString()!;
    }

    public static string Quote(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";

    private async Task<Reply> SendAsync(HttpMethod method, string path, string? json)
    {
        using var request = new HttpRequestMessage(method, prefix + path);
        if (json is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(json));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Reply((int)response.StatusCode, text);
    }
}

/// <summary>An answer.</summary>
internal sealed record Reply(int Status, string Text)
{
    private JsonElement Body => JsonDocument.Parse(Text).RootElement;

    public string Code => Field("error_code");

    public string Message => Field("message");

    public JsonElement this[string name] => Body.GetProperty(name);

    public bool Has(string name) => Body.TryGetProperty(name, out _);

    /// <summary>The field of each entry of a list; empty when the list is left out.</summary>
    public IReadOnlyList<string> Column(string list, string field) => Has(list)
        ? [.. this[list].EnumerateArray().Select(item => item.GetProperty(field).ToString())]
        : [];

    private string Field(string name) => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
