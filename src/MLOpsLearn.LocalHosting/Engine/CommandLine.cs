namespace Aspire.Hosting.Engine;

/// <summary>What may stand behind the AppHost's name: switches of the engine, and settings as <c>--key=value</c>.</summary>
internal static class CommandLine
{
    public const string Ephemeral = "--ephemeral";
    public const string Describe = "--describe";
    private static readonly string[] Flags = [Ephemeral, Describe];
    private static readonly string[] Publishing = ["--operation", "--publisher", "--step", "--output-path"];

    public const string Help = """
        Starts the broker, the cache, the database, the five services and the gateway as processes of this machine, and stops them with itself.

        Usage: dotnet run -c Release --project MLOpsLearn.AppHost [-- options]

        Options:
          --ephemeral                  Start with nothing, keep nothing: a second AppHost may run beside the first.
          --describe                   Print what would be started, as JSON, and start nothing.
          -h, --help                   This.
          --Gateway:HttpPort=5080      The gateway's port for HTTP and JSON.
          --Gateway:GrpcPort=5081      Its port for gRPC; usually the one after the other.
          --Parameters:replicas=1      Processes of the inference service behind one address.
          --AppHost:DataFolder=DIR     Where servers and services keep their data and logs. Usually a private folder for this checkout.

        Every setting may be an environment variable as well, with __ for the colon: Gateway__HttpPort=6080. More of those:
          ConnectionStrings__messaging, ConnectionStrings__cache, ConnectionStrings__postgres
                                       Use a server of yours; none is started in its place.
          ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL or OTEL_EXPORTER_OTLP_ENDPOINT
                                       Where all services send traces, metrics and logs: an Aspire dashboard or any OTLP collector.

        Examples:
          dotnet run -c Release --project MLOpsLearn.AppHost
          dotnet run -c Release --project MLOpsLearn.AppHost -- --ephemeral --Gateway:HttpPort=6080 --Parameters:replicas=2
          ConnectionStrings__messaging=amqp://me:secret@broker:5672 dotnet run -c Release --project MLOpsLearn.AppHost
          OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 dotnet run -c Release --project MLOpsLearn.AppHost
          dotnet run --project MLOpsLearn.AppHost -p:AppHostEngine=Aspire     (containers and the Aspire dashboard, where its packages can be restored)
        """;

    /// <summary>The arguments as the configuration reads them.</summary>
    /// <exception cref="DistributedApplicationException">One that means nothing; the message names it.</exception>
    public static string[] ToSettings(IReadOnlyList<string> arguments)
    {
        var settings = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--" || argument.Length == 0)
            {
                continue;
            }

            if (Flags.Contains(argument))
            {
                settings.Add($"--AppHost:{argument.TrimStart('-')}=true");
            }
            else if (Publishing.Contains(argument.Split('=')[0]))
            {
                throw new DistributedApplicationException($"{argument}: this engine only runs. Publishing needs the genuine packages: add -p:AppHostEngine=Aspire to dotnet run.");
            }
            else if (argument.Contains('=', StringComparison.Ordinal))
            {
                settings.Add(argument);
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal) && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                settings.Add($"{argument}={arguments[++i]}");
            }
            else
            {
                throw new DistributedApplicationException($"Unknown option '{argument}'. --help tells what there is.");
            }
        }

        return [.. settings];
    }
}
