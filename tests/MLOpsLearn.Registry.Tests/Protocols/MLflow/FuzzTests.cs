using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>Whatever comes to whichever route, the answer is a refusal of the protocol or a success: never a 5xx.</summary>
public sealed partial class FuzzTests(PostgresFixture postgres)
{
    private const int RequestsPerRoute = 15;

    private static readonly string[] PathParts = ["m", "1", "0", "-1", "99999999999999999999", "x", "x%00y", "a%2Fb", "..%2F..", "%252e%252e", "%F0%9F%98%80", "%FF", "latest", "champion", new('z', 2000)];

    private static readonly string[] Fields =
        ["name", "new_name", "description", "tags", "key", "value", "alias", "version", "stage", "stages", "archive_existing_versions", "source", "run_id", "run_link", "model_id", "filter", "order_by", "max_results", "page_token", "url", "events", "secret", "status", "event",
            "model", "request_id", "page_size", "reason", "policy", "why", "action", "scored_rows_path", "artifact_path", "model_file", "signature", "disabled", "webhook_id", "path"];

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
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [], (route, method) => (Method: method, Path: route.RoutePattern.RawText!))
            .Where(route => Ours().IsMatch(route.Path)).ToList();
        Assert.True(routes.Count > 90, $"{routes.Count}");
        Assert.All(["GET", "POST", "PUT", "PATCH", "DELETE"], method => Assert.Contains(routes, route => route.Method == method));
        foreach (var (method, route) in routes)
        {
            for (var round = 0; round < RequestsPerRoute; round++)
            {
                var path = Parameter().Replace(route, _ => PathParts[random.Next(PathParts.Length)]);
                var fields = Fields.Where(_ => random.Next(3) == 0).Select(field => (field, Value: random.Next(3) == 0 && field is "name" or "model" ? "\"m\"" : Values[random.Next(Values.Length)])).ToList();
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                if (method == "GET")
                {
                    var query = string.Join('&', fields.Where(field => field.Value.Length < 500 && !field.Value.Contains("\\ud800", StringComparison.Ordinal))
                        .Select(field => $"{field.field}={Uri.EscapeDataString(field.Value.Trim('"').Replace("\\u0000", "\0", StringComparison.Ordinal))}"));
                    request.RequestUri = new Uri($"{path}?{query}", UriKind.Relative);
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

    // The others play tracking.
    [GeneratedRegex("^/api/registry/|/(registered-models|model-versions|webhooks)(/|$)")]
    private static partial Regex Ours();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
