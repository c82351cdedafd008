using System.Text.Json.Nodes;

namespace MLOpsLearn.Deploy.Tests.Measurements;

/// <summary>Rules and dashboards over what the services measure.</summary>
public sealed class MeasurementTests
{
    [Fact]
    public async Task Prometheus_takes_the_rules_and_they_fire_when_they_should()
    {
        var folder = Checkout.PathOf("deploy", "prometheus");
        foreach (var arguments in new[] { new[] { "check", "config", "prometheus.yml" }, ["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"] })
        {
            var result = await Checkout.RunAsync("promtool", folder, arguments);
            Assert.SkipUnless(result is not null, "skipped: promtool is not installed");
            Assert.True(result.Value.Code == 0, result.Value.Output);
        }
    }

    [Fact]
    public void Every_alert_has_a_test()
    {
        var alerts = Checkout.Yaml("deploy", "prometheus", "rules.yml")["groups"].Items.SelectMany(group => group["rules"].Items)
            .Select(rule => rule["alert"].Text).Where(name => name.Length > 0);
        var tested = Checkout.Yaml("deploy", "prometheus", "rules.test.yml")["tests"].Items.SelectMany(test => test["alert_rule_test"].Items)
            .Where(test => test["exp_alerts"].Exists).Select(test => test["alertname"].Text);

        Assert.Equal(alerts.Order(), tested.Distinct().Order());
    }

    [Fact]
    public void Rules_and_dashboards_name_only_what_the_services_measure()
    {
        var known = MetricNames.Known();
        var expressions = Checkout.Yaml("deploy", "prometheus", "rules.yml")["groups"].Items.SelectMany(group => group["rules"].Items).Select(rule => rule["expr"].Text)
            .Concat(Dashboards().SelectMany(dashboard => Expressions(dashboard.Content))).ToList();

        Assert.True(known.Count > 30, "The table of docs/metrics.md can't be read.");
        Assert.InRange(expressions.Count, 40, 200);
        Assert.Empty(expressions.SelectMany(expression => MetricNames.Unknown(expression, known)));
    }

    [Theory]
    [InlineData("rate(mlopslearn_inference_rowz_total[5m])", "there is no measurement mlopslearn_inference_rowz_total")]
    [InlineData("sum by (endpont) (up)", "has a label endpont")]
    [InlineData("up{zone=\"x\"}", "has a label zone")]
    [InlineData("vector(1)", "names no measurement")]
    public void An_expression_over_nothing_is_found(string expression, string fault)
    {
        var known = new Dictionary<string, string[]> { ["up"] = [] };

        Assert.Contains(MetricNames.Unknown(expression, known), found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void Dashboards_can_be_provisioned()
    {
        var source = Assert.Single(Checkout.Yaml("deploy", "grafana", "provisioning", "datasources", "prometheus.yml")["datasources"].Items)["uid"].Text;
        var compose = Checkout.Yaml("deploy", "compose", "compose.yml")["services"]["grafana"]["volumes"].Items.Select(volume => volume.Text);
        var folder = Assert.Single(Checkout.Yaml("deploy", "grafana", "provisioning", "dashboards", "mlopslearn.yml")["providers"].Items)["options"]["path"].Text;

        Assert.Contains($"../grafana/dashboards:{folder}:ro", compose);
        Assert.Equal(2, Dashboards().Select(dashboard => (string)dashboard.Content["uid"]!).Distinct().Count());
        foreach (var (name, content) in Dashboards())
        {
            var panels = content["panels"]!.AsArray();
            Assert.All(panels, panel => Assert.Equal(source, (string)panel!["datasource"]!["uid"]!));
            Assert.Equal(panels.Count, panels.Select(panel => (int)panel!["id"]!).Distinct().Count());
            Assert.Equal(panels.Count, panels.Select(panel => ((int)panel!["gridPos"]!["x"]!, (int)panel["gridPos"]!["y"]!)).Distinct().Count());
            Assert.True(((string)content["title"]!).StartsWith("MLOpsLearn", StringComparison.Ordinal), name);
        }
    }

    [Fact]
    public void Prometheus_reads_every_service_and_the_gateway()
    {
        var targets = Assert.Single(Checkout.Yaml("deploy", "prometheus", "prometheus.yml")["scrape_configs"].Items)["static_configs"].Items
            .SelectMany(config => config["targets"].Items).Select(target => target.Text);

        Assert.Equal(Checkout.Services.Append("gateway").Select(service => $"{service}:8080").Order(), targets.Order());
    }

    private static IEnumerable<(string Name, JsonNode Content)> Dashboards() =>
        Directory.EnumerateFiles(Checkout.PathOf("deploy", "grafana", "dashboards"), "*.json").Select(file => (Path.GetFileName(file), JsonNode.Parse(File.ReadAllText(file))!));

    private static IEnumerable<string> Expressions(JsonNode dashboard) =>
        dashboard["panels"]!.AsArray().SelectMany(panel => panel!["targets"]!.AsArray()).Select(target => (string)target!["expr"]!);
}
