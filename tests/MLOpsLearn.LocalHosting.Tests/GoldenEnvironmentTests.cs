using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Aspire.Hosting.Tests;

/// <summary>The local engine hands the same variables, endpoints, checks and waits to each resource as the genuine one.</summary>
[Collection("console")]
public sealed partial class GoldenEnvironmentTests
{
    private static readonly string[] ComparedMembers = ["connectionString", "endpoints", "env", "explicitStart", "healthChecks", "replicas", "type", "waits"];

    [Fact]
    public void Every_resource_of_the_sample_gets_what_the_genuine_engine_gives()
    {
        var folder = SharedFolder.Find("golden/aspire");
        Assert.SkipWhen(folder is null, "skipped: no ../shared");
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "environment.json")))!.AsObject();

        var actual = JsonNode.Parse(Describe(File.ReadAllText(Path.Combine(folder, "AppHost.cs.txt"))))!.AsObject();

        Assert.Equal(expected.Select(pair => pair.Key).Order(), actual.Select(pair => pair.Key).Order());
        foreach (var (name, resource) in expected)
        {
            foreach (var member in ComparedMembers)
            {
                // Servers run as plain processes here: what a container would be told isn't theirs.
                if (member == "env" && resource!["image"] is not null)
                {
                    continue;
                }

                Assert.Equal($"{name}.{member}: {Canonical(resource![member])}", $"{name}.{member}: {Canonical(actual[name]![member])}");
            }
        }
    }

    private static string Describe(string source)
    {
        var before = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            SampleAppHost.Compile(source)(["--describe", "--environment=Development", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317"]);
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString();
    }

    /// <summary>Keys in order, and what each instance gets of its own replaced by one word.</summary>
    private static string Canonical(JsonNode? node) => node switch
    {
        JsonObject value => "{" + string.Join(", ", value.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key switch
        {
            "OTEL_SERVICE_NAME" => "OTEL_SERVICE_NAME: own",
            "OTEL_RESOURCE_ATTRIBUTES" => "OTEL_RESOURCE_ATTRIBUTES: " + InstanceId().Replace(pair.Value!.ToString(), "service.instance.id=own"),
            _ => $"{pair.Key}: {Canonical(pair.Value)}",
        })) + "}",
        JsonArray values => "[" + string.Join(", ", values.Select(Canonical)) + "]",
        null => "null",
        _ => node.ToJsonString(),
    };

    [GeneratedRegex("service\\.instance\\.id=.*")]
    private static partial Regex InstanceId();
}
