using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Protocols;

/// <summary>Whatever comes to whichever route that there is, by whichever verb, the answer is a success or a refusal: never a fault of ours.</summary>
public sealed partial class EveryRouteTests(MLflowServers servers)
{
    private const int RequestsPerRoute = 8;

    private static readonly string[] PathParts =
    [
        "0", "1", "-1", "x", "99999999999999999999", "x%2Fy", "..%2F..%2Fx", "%2e%2e", "%252e%252e%252fx", "a%5Cb", "C:%5Cx", "%2Fetc%2Fpasswd", "a%23b", "a;b", "a%00b", "%E2%82%AC",
        "%F0%9F%98%80", "%FF", "%20", "m-00000000000000000000000000000000", "00000000000000000000000000000000", new('z', 3000), "'%20OR%201=1", "0%2Fx%2Fartifacts%2Fy",
    ];

    private static readonly string[] Fields =
    [
        "experiment_id", "experiment_ids", "name", "new_name", "key", "value", "tags", "run_id", "run_ids", "metric_key", "timestamp", "step", "status", "metrics", "params", "datasets", "models",
        "model_id", "model_ids", "filter", "order_by", "max_results", "page_size", "page_token", "view", "view_type", "permanent", "path", "num_parts", "parts", "upload_id", "run_uuid", "end_time",
        "request_id", "artifact_location", "deleted_for_seconds", "dry_run", "allow_deleted", "artifact_directory_path", "artifact_file_path", "trace", "trace_info", "locations", "request_ids", "max_traces",
    ];

    private static readonly string[] Values =
    [
        "\"\"", "\"0\"", "\"x\"", "\"RUN\"", "\"NaN\"", "\"../..\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"😀\"", "\"c2tpcDoxMA\"", "\"metrics.a > 1\"", "\"name = '\"", "null", "true", "0", "1", "-1", "1.5", "1e999",
        "9223372036854775808", "[]", "{}", "[[]]", "[null]", "[{}]", "[\"RUN\"]", "[1]", "{\"k\": \"v\"}", "{\"k\": {}}", "[{\"key\": \"k\", \"value\": \"1\"}]", "[{\"part_number\": 1, \"etag\": \"x\"}]",
        "[{\"part_number\": 99999999999, \"etag\": 7}]", "\"FINISHED\"", "\"RUN_STATUS_FINISHED\"", "\"2024-01-01T00:00:00Z\"", $"\"{new string('y', 3000)}\"",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task No_request_to_any_route_is_answered_with_a_fault_of_ours(string database)
    {
        // Its own server: experiments are removed here.
        await using var app = await TrackingApp.StartAsync(connectionString: await servers.DatabaseAsync(database));
        var run = await app.StartRunAsync();
        var random = new Random(20261);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [], (route, method) => (Method: method, Path: route.RoutePattern.RawText!))
            .Where(route => route.Path.StartsWith("/api/", StringComparison.Ordinal) || route.Path.StartsWith("/get-artifact", StringComparison.Ordinal) || route.Path.Contains("upload-artifact", StringComparison.Ordinal))
            .ToList();

        Assert.All(["GET", "POST", "PUT", "PATCH", "DELETE"], method => Assert.Contains(routes, route => route.Method == method));
        Assert.True(routes.Count > 90, $"{routes.Count}");
        foreach (var (method, path) in routes)
        {
            for (var round = 0; round < RequestsPerRoute; round++)
            {
                var address = Parameter().Replace(path, _ => random.Next(3) == 0 ? run : PathParts[random.Next(PathParts.Length)]);
                var fields = Fields.Where(_ => random.Next(6) == 0).Select(field => (Name: field, Value: Values[random.Next(Values.Length)].Replace("RUN\"", run + "\"", StringComparison.Ordinal))).ToList();
                var (query, body) = (Query(fields), Body(random, fields));
                using var request = new HttpRequestMessage(new HttpMethod(method), address + (method == "GET" || random.Next(3) == 0 ? query : ""));
                if (method != "GET")
                {
                    request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                }

                using var answer = await app.Http.SendAsync(request, Cancel);

                var text = await answer.Content.ReadAsStringAsync(Cancel);
                Assert.True(
                    (int)answer.StatusCode < 500 || ((int)answer.StatusCode == 501 && text.Contains("NOT_IMPLEMENTED", StringComparison.Ordinal)),
                    $"{method} {request.RequestUri} {body} → {(int)answer.StatusCode} {text}");
            }
        }
    }

    private static string Query(List<(string Name, string Value)> fields) => "?" + string.Join('&', fields.Where(field => field.Value.Length < 500 && !field.Value.Contains("\\ud800", StringComparison.Ordinal))
        .Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value.Trim('"').Replace("\\u0000", "\0", StringComparison.Ordinal))}"));

    private static string Body(Random random, List<(string Name, string Value)> fields) => random.Next(12) switch
    {
        0 => Values[random.Next(Values.Length)],
        1 => "{" + new string('[', 2000),
        2 => "",
        _ => "{" + string.Join(", ", fields.Select(field => $"\"{field.Name}\": {field.Value}")) + "}",
    };

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
