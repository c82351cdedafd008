namespace MLOpsLearn.Deploy.Tests.Telemetry;

/// <summary>deploy/otel-collector, by rules: there is no collector where this is tested.</summary>
public sealed class CollectorTests
{
    private static readonly string[] File = ["deploy", "otel-collector", "config.yml"];

    [Fact]
    public void The_configuration_names_only_what_the_image_has_and_what_it_defines() => Assert.Empty(CollectorRules.Faults(Checkout.Yaml(File)));

    [Theory]
    [InlineData("receivers:\n", "recievers:\n", "no section 'recievers'")]
    [InlineData("debug: {", "loki: {", "the image has no loki among its exporters")]
    [InlineData("exporters: [debug]", "exporters: [otlp/store]", "otlp/store is used and not defined among the exporters")]
    [InlineData("  batch: {}\n", "  batch: {}\n  batch/large: {}\n", "batch/large is defined among the processors and not used")]
    [InlineData("extensions: [health_check]", "extensions: []", "health_check is defined among the extensions and not used")]
    [InlineData("[memory_limiter, batch]", "[batch, memory_limiter]", "does not begin with the memory limiter")]
    [InlineData("    traces:", "    spans:", "there is no signal 'spans'")]
    [InlineData("traces: { receivers: [otlp], ", "traces: { ", "no way in or no way out")]
    public void A_broken_configuration_is_found(string right, string wrong, string fault)
    {
        var text = Checkout.Read(File);
        Assert.Contains(right, text, StringComparison.Ordinal);

        Assert.Contains(CollectorRules.Faults(Checkout.Parse(text.Replace(right, wrong, StringComparison.Ordinal))), found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_that_stands_twice_is_found() =>
        Assert.ThrowsAny<YamlDotNet.Core.YamlException>(() => Checkout.Parse(Checkout.Read(File).Replace("  batch: {}\n", "  batch: {}\n  batch: {}\n", StringComparison.Ordinal)));

    [Fact]
    public void Compose_runs_the_image_that_the_rules_know_mounts_this_file_and_sends_to_its_port()
    {
        var compose = Checkout.Yaml("deploy", "compose", "compose.yml")["services"];
        var collector = compose["otel-collector"];
        var config = Checkout.Yaml(File);

        Assert.StartsWith("otel/opentelemetry-collector:", collector["image"].Text, StringComparison.Ordinal);
        var mounted = Assert.Single(collector["volumes"].Items).Text.Split(':');
        Assert.Equal(Checkout.PathOf(File), Path.GetFullPath(Checkout.PathOf("deploy", "compose", mounted[0])));
        Assert.Equal($"--config={mounted[1]}", Assert.Single(collector["command"].Items).Text);
        foreach (var service in Checkout.Services.Append("gateway"))
        {
            // The services speak OTLP over gRPC unless they are told otherwise.
            Assert.Equal($"http://otel-collector:{CollectorRules.Port(config, "grpc")}", compose[service]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"].Text);
        }
    }

    [Fact]
    public void The_page_names_the_ports()
    {
        var config = Checkout.Yaml(File);

        Assert.Contains(
            $"takes OTLP on {CollectorRules.Port(config, "grpc")} and {CollectorRules.Port(config, "http")}", Checkout.Read("docs", "deployment.md"), StringComparison.Ordinal);
    }
}
