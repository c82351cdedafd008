using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using MLOpsLearn.Client;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>The five services and the gateway as processes of their own, on free ports, against the given servers.</summary>
internal sealed class FiveServices : IAsyncDisposable
{
    public static readonly string[] Names = ["tracking", "registry", "training", "inference", "monitoring"];
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);
    private readonly string _files = Directory.CreateTempSubdirectory("mlops-files-").FullName;
    private readonly DistributedApplication _app;
    private readonly Dictionary<string, (int Http, int Grpc)> _ports = [];

    private FiveServices(ServerSet servers, IReadOnlyDictionary<string, string> environment, int replicas)
    {
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var resources = new List<IResourceBuilder<ProjectResource>>
        {
            builder.AddProject<Host.Tracking>("tracking", launchProfileName: null),
            builder.AddProject<Host.Registry>("registry", launchProfileName: null),
            builder.AddProject<Host.Training>("training", launchProfileName: null),
            builder.AddProject<Host.Inference>("inference", launchProfileName: null),
            builder.AddProject<Host.Monitoring>("monitoring", launchProfileName: null),
            builder.AddProject<Host.Gateway>("gateway", launchProfileName: null),
        };
        foreach (var resource in resources)
        {
            var (http, grpc) = Mlops.FreePorts();
            _ports[resource.Resource.Name] = (http, grpc);
            resource.WithHttpEndpoint(port: http).WithHttpEndpoint(port: grpc, name: "grpc", env: "GRPC_PORT").WithHttpHealthCheck("/health", endpointName: "http")
                .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Production")
                .WithEnvironment($"ConnectionStrings__{resource.Resource.Name}", servers.Database(resource.Resource.Name))
                .WithEnvironment("ConnectionStrings__messaging", servers.Broker).WithEnvironment("ConnectionStrings__cache", servers.Cache)
                .WithEnvironment("Artifacts__Root", Path.Combine(_files, "artifacts")).WithEnvironment("Training__WorkRoot", Path.Combine(_files, "training"))
                .WithEnvironment("Inference__CacheRoot", Path.Combine(_files, "inference")).WithEnvironment("Monitoring__Root", Path.Combine(_files, "monitoring"));
            foreach (var (name, value) in environment)
            {
                resource.WithEnvironment(name, value);
            }

            if (resource.Resource.Name != "gateway")
            {
                resource.WithReplicas(replicas);
            }
            else
            {
                Gateway = (new Uri($"http://localhost:{http}"), new Uri($"http://localhost:{grpc}"));
            }
        }

        foreach (var resource in resources)
        {
            foreach (var other in resources.Where(other => other.Resource.Name != "gateway"))
            {
                resource.WithEnvironment($"services__{other.Resource.Name}__http__0", other.GetEndpoint("http"))
                    .WithEnvironment($"services__{other.Resource.Name}__grpc__0", other.GetEndpoint("grpc"));
            }
        }

        _app = builder.Build();
    }

    /// <summary>HTTP and gRPC address of the gateway.</summary>
    public (Uri Http, Uri Grpc) Gateway { get; }

    public Uri Http(string service) => new($"http://localhost:{_ports[service].Http}");

    public Uri Grpc(string service) => new($"http://localhost:{_ports[service].Grpc}");

    public int Restarts(string service) => _app.ResourceNotifications.TryGet(service)?.Restarts ?? 0;

    /// <summary>Ids of a service's processes.</summary>
    public IReadOnlyList<int> ProcessIds(string service) => _app.ResourceNotifications.TryGet(service)?.ProcessIds ?? [];

    public int? ExitCode(string service) => _app.ResourceNotifications.TryGet(service)?.ExitCode;

    /// <summary>What a service wrote so far.</summary>
    public string Log(string service)
    {
        using var stream = new FileStream(Path.Combine(_app.Engine.Data.Logs, service + ".log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public MLOpsLearnClient Connect() => new(Gateway.Http, Gateway.Grpc, "tests");

    /// <summary>Starts the processes; they may have to wait for their servers.</summary>
    public static async Task<FiveServices> StartAsync(ServerSet servers, IReadOnlyDictionary<string, string>? environment = null, int replicas = 1)
    {
        var services = new FiveServices(servers, environment ?? new Dictionary<string, string>(), replicas);
        await services._app.StartAsync(TestContext.Current.CancellationToken);
        return services;
    }

    public async Task HealthyAsync()
    {
        var states = _app.ResourceNotifications;
        foreach (var name in Names.Append("gateway"))
        {
            await Limits.Eventually.EndsAsync(
                states.WaitForResourceHealthyAsync(name, TestContext.Current.CancellationToken), () => $"{states.TryGet(name)}\n{Log(name)}", StartPatience, $"{name} is healthy");
        }
    }

    /// <summary>Runs the demo against the gateway.</summary>
    public Task<(int ExitCode, string Output, string Errors)> DemoAsync() => Mlops.RunAsync(
        "demo", "--json", "--server", Gateway.Http.ToString(), "--grpc", Gateway.Grpc.ToString(), "--report", Path.Combine(_files, "report.html"));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    /// <summary>Where the built services are.</summary>
    private abstract class Host(string name) : IProjectMetadata
    {
        public string ProjectPath { get; } = Path.Combine(Mlops.Root, "src", $"MLOpsLearn.{name}.Host", $"MLOpsLearn.{name}.Host.csproj");

        internal sealed class Tracking() : Host("Tracking");

        internal sealed class Registry() : Host("Registry");

        internal sealed class Training() : Host("Training");

        internal sealed class Inference() : Host("Inference");

        internal sealed class Monitoring() : Host("Monitoring");

        internal sealed class Gateway() : Host("Gateway");
    }
}
