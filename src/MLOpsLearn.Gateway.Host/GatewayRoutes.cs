using Microsoft.Extensions.Diagnostics.HealthChecks;
using MLOpsLearn.Gateway.Host.Replicas;
using MLOpsLearn.Messaging.Calls;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace MLOpsLearn.Gateway.Host;

/// <summary>One address in front of the five services: JSON by path, gRPC by the name of the service in its path.</summary>
internal static class GatewayRoutes
{
    private static readonly string[] Services = ["tracking", "registry", "training", "inference", "monitoring"];

    /// <summary>MLflow's paths by who answers them: the registry what is of registered models, Tracking the rest.</summary>
    private static readonly (string Service, string[] Paths)[] MLflowPaths =
    [
        ("tracking",
        [
            "/api/2.0/mlflow/{**rest}", "/api/2.0/preview/mlflow/{**rest}", "/ajax-api/2.0/mlflow/{**rest}", "/api/3.0/mlflow/{**rest}", "/ajax-api/3.0/mlflow/{**rest}",
            "/api/2.0/mlflow-artifacts/{**rest}", "/ajax-api/2.0/mlflow-artifacts/{**rest}", "/get-artifact", "/version",
        ]),
        ("registry",
        [
            .. new[] { "registered-models", "model-versions", "webhooks" }.SelectMany(
                name => new[] { $"/api/2.0/mlflow/{name}/{{**rest}}", $"/api/2.0/preview/mlflow/{name}/{{**rest}}", $"/ajax-api/2.0/mlflow/{name}/{{**rest}}" }),
            "/model-versions/get-artifact",
        ]),
    ];

    public static void AddGatewayRoutes(this WebApplicationBuilder builder)
    {
        builder.Services.AddReverseProxy().AddReplicaSpreading().LoadFromMemory(
            [.. Services.SelectMany(Routes), .. MLflowPaths.SelectMany(MLflowRoutes)], [.. Services.SelectMany(service => Clusters(builder.Configuration, service))]);
        builder.Services.AddHttpClient(nameof(ServiceHealthCheck)).AddServiceDiscovery();
        var checks = builder.Services.AddHealthChecks();
        foreach (var service in Services)
        {
            checks.AddTypeActivatedCheck<ServiceHealthCheck>(service, HealthStatus.Unhealthy, [ServiceDefaults.ServiceDefaults.ReadyTag], service);
        }
    }

    public static void MapGatewayRoutes(this WebApplication app) => app.MapReverseProxy(proxy =>
    {
        proxy.UseMiddleware<PredictRepetition>();
        proxy.UseMiddleware<NextReplica>();
        proxy.UseLoadBalancing();
        proxy.UsePassiveHealthChecks();
    });

    private static IEnumerable<RouteConfig> Routes(string service)
    {
        yield return Route($"{service}-http", $"{service}-http", $"/api/{service}/{{**rest}}");
        foreach (var contract in service == "monitoring" ? ["Monitoring", "Queues"] : new[] { $"{char.ToUpperInvariant(service[0])}{service[1..]}" })
        {
            yield return Route($"{service}-grpc-{contract}", $"{service}-grpc", $"/mlopslearn.{service}.v1.{contract}/{{**rest}}");
        }
    }

    private static IEnumerable<RouteConfig> MLflowRoutes((string Service, string[] Paths) owner) =>
        owner.Paths.Select(path => Route($"mlflow {path}", $"{owner.Service}-http", path));

    /// <summary>Bodies pass through as they come; how long one may be is for the service to say, which takes artifacts of any size.</summary>
    private static RouteConfig Route(string id, string cluster, string path) =>
        new() { RouteId = id, ClusterId = cluster, Match = new RouteMatch { Path = path }, MaxRequestBodySize = -1 };

    private static IEnumerable<ClusterConfig> Clusters(IConfiguration configuration, string service)
    {
        yield return Cluster(configuration, $"{service}-http", ServiceAddresses.HttpName(configuration, service), System.Net.HttpVersion.Version11);
        yield return Cluster(configuration, $"{service}-grpc", ServiceAddresses.GrpcName(configuration, service), System.Net.HttpVersion.Version20);
    }

    private static ClusterConfig Cluster(IConfiguration configuration, string id, Uri name, Version version) => new()
    {
        ClusterId = id,
        LoadBalancingPolicy = configuration.GetSection(ReplicaOptions.Section).Get<ReplicaOptions>()?.LoadBalancing ?? new ReplicaOptions().LoadBalancing,
        HttpRequest = new ForwarderRequestConfig { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact, ActivityTimeout = TimeSpan.FromMinutes(10) },
        HealthCheck = new HealthCheckConfig
        {
            // When none seems to be there, all are tried: to fail without a try helps nobody.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new PassiveHealthCheckConfig { Enabled = true, Policy = UnreachableReplicas.PolicyName },
        },
        Destinations = new Dictionary<string, DestinationConfig> { ["replicas"] = new() { Address = name.GetLeftPart(UriPartial.Authority) } },
    };

    /// <summary>A service is ready when it says so itself.</summary>
    private sealed class ServiceHealthCheck(IConfiguration configuration, IHttpClientFactory http, string service) : IHealthCheck
    {
        /// <summary>A service that takes longer to say that it is ready is not.</summary>
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                using var client = http.CreateClient(nameof(ServiceHealthCheck));
                client.Timeout = Patience;
                using var response = await client.GetAsync(new Uri(ServiceAddresses.HttpName(configuration, service), "health"), cancellationToken);
                return response.IsSuccessStatusCode ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("not ready");
            }
            catch (HttpRequestException)
            {
                return HealthCheckResult.Unhealthy("not reachable");
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return HealthCheckResult.Unhealthy("no answer in time");
            }
        }
    }
}
