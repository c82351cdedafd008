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

        var actual = JsonNode.Parse(Describe(
            File.ReadAllText(Path.Combine(folder, "AppHost.cs.txt")), "--environment=Development", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://localhost:4317"))!.AsObject();

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

    [Fact]
    public void Telemetry_goes_where_the_user_says_under_the_service_s_name()
    {
        var described = JsonNode.Parse(Describe(
            """
            var builder = DistributedApplication.CreateBuilder(args);
            builder.AddProject<Projects.Some_Host>("some", launchProfileName: null).WithHttpEndpoint();
            builder.Build().Run();
            """,
            "--OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_EXPORTER_OTLP_HEADERS=key=value"))!;
        var variables = described["some"]!["env"]!;

        Assert.Equal("http://collector:4317", (string?)variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("http/protobuf", (string?)variables["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("key=value", (string?)variables["OTEL_EXPORTER_OTLP_HEADERS"]);
        Assert.Equal("some", (string?)variables["OTEL_SERVICE_NAME"]);
        Assert.StartsWith("service.instance.id=", (string?)variables["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
    }

    [Fact]
    public void The_product_s_own_AppHost_follows_its_settings()
    {
        var source = File.ReadAllText(Path.Combine(Checkout.Folder, "MLOpsLearn.AppHost", "AppHost.cs"));
        Assert.DoesNotContain("#if", source, StringComparison.Ordinal);
        Assert.DoesNotContain("using ", source, StringComparison.Ordinal);
        Assert.InRange(source.Split('\n').Length, 1, 65);

        var usual = JsonNode.Parse(Describe(source))!;
        var other = JsonNode.Parse(Describe(source, "--Gateway:HttpPort=6080", "--Parameters:replicas=2", "--Parameters:files=/somewhere"))!;

        Assert.Equal([5080, 5081], Ports(usual));
        Assert.Equal([6080, 6081], Ports(other));
        Assert.Equal((1, 2), ((int)usual["inference"]!["replicas"]!, (int)other["inference"]!["replicas"]!));
        Assert.Equal("/somewhere/artifacts", (string?)other["tracking"]!["env"]!["Artifacts__Root"]);
        Assert.Equal("s3://team/mlops", (string?)JsonNode.Parse(Describe(source, "--Artifacts:Root=s3://team/mlops"))!["tracking"]!["env"]!["Artifacts__Root"]);
        // Nothing of one AppHost lies where another one's lies.
        Assert.NotEqual(
            (string?)JsonNode.Parse(Describe(source, "--ephemeral"))!["tracking"]!["env"]!["Artifacts__Root"],
            (string?)JsonNode.Parse(Describe(source, "--ephemeral"))!["tracking"]!["env"]!["Artifacts__Root"]);

        static int[] Ports(JsonNode described) => [.. described["gateway"]!["endpoints"]!.AsArray().Select(endpoint => (int)endpoint!["Port"]!)];
    }

    private static string Describe(string source, params string[] settings)
    {
        var before = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(output);
        try
        {
            SampleAppHost.Compile(source)(["--describe", .. settings]);
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
