namespace MLOpsLearn.Deploy.Tests.Telemetry;

/// <summary>Rules over a configuration of the OpenTelemetry collector; each names what breaks it.</summary>
internal static class CollectorRules
{
    private static readonly string[] Kinds = ["receivers", "processors", "exporters", "connectors", "extensions"];

    /// <summary>What the image <c>otel/opentelemetry-collector</c> is built with, by its manifest (distribution "otelcol").</summary>
    private static readonly Dictionary<string, string[]> Core = new()
    {
        ["receivers"] = ["nop", "otlp", "hostmetrics", "jaeger", "kafka", "prometheus", "zipkin"],
        ["processors"] = ["batch", "memory_limiter", "attributes", "resource", "span", "probabilistic_sampler", "filter"],
        ["exporters"] = ["debug", "nop", "otlp", "otlphttp", "file", "kafka", "prometheus", "prometheusremotewrite", "zipkin"],
        ["connectors"] = ["forward"],
        ["extensions"] = ["zpages", "health_check", "pprof"],
    };

    public static IEnumerable<string> Faults(Node config)
    {
        foreach (var (key, _) in config.Members.Where(member => member.Key != "service" && !Kinds.Contains(member.Key)))
        {
            yield return $"the collector has no section '{key}'";
        }

        foreach (var (key, _) in config["service"].Members.Where(member => member.Key is not ("pipelines" or "extensions" or "telemetry")))
        {
            yield return $"service has no section '{key}'";
        }

        foreach (var kind in Kinds)
        {
            foreach (var (id, _) in config[kind].Members.Where(member => !Core[kind].Contains(member.Key.Split('/')[0])))
            {
                yield return $"the image has no {id} among its {kind}";
            }

            var defined = config[kind].Members.Select(member => member.Key).ToHashSet();
            var used = Used(config, kind);
            foreach (var id in used.Except(defined))
            {
                yield return $"{id} is used and not defined among the {kind}";
            }

            foreach (var id in defined.Except(used))
            {
                yield return $"{id} is defined among the {kind} and not used";
            }
        }

        foreach (var fault in config["service"]["pipelines"].Members.SelectMany(pipeline => PipelineFaults(pipeline.Key, pipeline.Value)))
        {
            yield return fault;
        }
    }

    /// <summary>Port of each protocol of the OTLP receiver.</summary>
    public static int Port(Node config, string protocol) =>
        int.TryParse(config["receivers"]["otlp"]["protocols"][protocol]["endpoint"].Text.Split(':')[^1], out var port) ? port : 0;

    private static IEnumerable<string> PipelineFaults(string name, Node pipeline)
    {
        if (name.Split('/')[0] is not ("traces" or "metrics" or "logs"))
        {
            yield return $"there is no signal '{name}'";
        }

        foreach (var (key, _) in pipeline.Members.Where(member => member.Key is not ("receivers" or "processors" or "exporters")))
        {
            yield return $"a pipeline has no '{key}'";
        }

        if (!pipeline["receivers"].Items.Any() || !pipeline["exporters"].Items.Any())
        {
            yield return $"the pipeline {name} has no way in or no way out";
        }

        // What it refuses must not have been put into a batch already.
        if (pipeline["processors"].Items.FirstOrDefault().Text.Split('/')[0] != "memory_limiter")
        {
            yield return $"the pipeline {name} does not begin with the memory limiter";
        }
    }

    private static HashSet<string> Used(Node config, string kind) =>
    [
        .. kind == "extensions"
            ? config["service"]["extensions"].Items.Select(item => item.Text)
            : config["service"]["pipelines"].Members.SelectMany(pipeline => pipeline.Value[kind].Items).Select(item => item.Text),
    ];
}
