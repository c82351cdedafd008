using System.Net.Http.Headers;
using System.Text;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Whatever comes to whichever route, the answer is a refusal of the protocol or a success: never a 5xx.</summary>
public sealed class FuzzTests(PostgresFixture postgres)
{
    private static readonly (string Method, string Path)[] Routes =
    [
        ("POST", "registered-models/create"), ("GET", "registered-models/get"), ("PATCH", "registered-models/update"), ("POST", "registered-models/rename"),
        ("DELETE", "registered-models/delete"), ("GET", "registered-models/search"), ("POST", "registered-models/get-latest-versions"),
        ("POST", "registered-models/set-tag"), ("DELETE", "registered-models/delete-tag"), ("POST", "registered-models/alias"), ("DELETE", "registered-models/alias"),
        ("GET", "registered-models/alias"), ("POST", "model-versions/create"), ("GET", "model-versions/get"), ("PATCH", "model-versions/update"),
        ("POST", "model-versions/transition-stage"), ("DELETE", "model-versions/delete"), ("GET", "model-versions/search"), ("GET", "model-versions/get-download-uri"),
        ("POST", "model-versions/set-tag"), ("DELETE", "model-versions/delete-tag"), ("POST", "webhooks"), ("GET", "webhooks"), ("GET", "webhooks/x%00y"),
        ("PATCH", "webhooks/x"), ("DELETE", "webhooks/x"), ("POST", "webhooks/x/test"), ("GET", "webhooks/x/deliveries"), ("POST", "webhooks/x/deliveries/y/retry"),
    ];

    private static readonly string[] Fields =
        ["name", "new_name", "description", "tags", "key", "value", "alias", "version", "stage", "stages", "archive_existing_versions", "source", "run_id", "run_link", "model_id", "filter", "order_by", "max_results", "page_token", "url", "events", "secret", "status", "event"];

    private static readonly string[] Values =
    [
        "\"m\"", "\"\"", "\"1\"", "1", "-1", "0", "1e400", "99999999999999999999999", "1.5", "true", "null", "[]", "{}", "[[]]", "[null]", "[{}]", "[1]", "\"NaN\"",
        "[{\"key\": \"k\", \"value\": \"v\"}]", "[{\"key\": {}, \"value\": []}]", "[{\"entity\": \"MODEL_VERSION\", \"action\": \"CREATED\"}]", "{\"entity\": 1}",
        "\"a\\u0000b\"", "\"\\ud800\"", "\"🚕\"", "\"../..\"", "\"a/b\"", "\"'; DROP TABLE models; --\"", "\"name = 'a'\"", "\"tags.`x` LIKE '%[*?_%'\"", "\"name DESC\"", "\"latest\"",
        "\"models:/m/1\"", "\"models:/@\"", "\"s3://b/m\"", "\"file:///x\"", "\"https://[::1\"", "\"eyJvZmZzZXQiOiAyMTQ3NDgzNjQ3fQ==\"", "\"Production\"", $"\"{new string('x', 3000)}\"",
    ];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task No_request_of_any_shape_gets_a_server_error(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("m");
        await client.AddVersionAsync("m");
        var random = new Random(20260);
        foreach (var (method, path) in Routes)
        {
            for (var round = 0; round < 40; round++)
            {
                var fields = Fields.Where(_ => random.Next(2) == 0).Select(field => (field, Value: random.Next(3) == 0 && field is "name" ? "\"m\"" : Values[random.Next(Values.Length)])).ToList();
                using var request = new HttpRequestMessage(new HttpMethod(method), "/ajax-api/2.0/mlflow/" + path);
                if (method == "GET")
                {
                    var query = string.Join('&', fields.Where(field => field.Value.Length < 500 && !field.Value.Contains("\\ud800", StringComparison.Ordinal))
                        .Select(field => $"{field.field}={Uri.EscapeDataString(field.Value.Trim('"').Replace("\\u0000", "\0", StringComparison.Ordinal))}"));
                    request.RequestUri = new Uri($"/ajax-api/2.0/mlflow/{path}?{query}", UriKind.Relative);
                }
                else
                {
                    var body = random.Next(10) switch
                    {
                        0 => Values[random.Next(Values.Length)],
                        1 => "{" + new string('[', 2000),
                        _ => "{" + string.Join(", ", fields.Select(field => $"\"{field.field}\": {field.Value}")) + "}",
                    };
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                }

                using var response = await app.Http.SendAsync(request, RegistryApp.Cancel);
                var text = await response.Content.ReadAsStringAsync(RegistryApp.Cancel);

                Assert.True((int)response.StatusCode < 500, $"{method} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync(RegistryApp.Cancel))} → {text}");
            }
        }
    }
}
