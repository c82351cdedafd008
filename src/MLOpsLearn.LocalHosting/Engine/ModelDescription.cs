using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Says what would be started, with which endpoints, waits and variables, without starting it (<c>--describe</c>). Ports that are chosen at
/// start are shown from 20000 on in order of declaration, those of processes 10000 higher, passwords as PASSWORD-OF-name.
/// </summary>
internal sealed class ModelDescription(IReadOnlyList<IResource> resources, IConfiguration configuration, IHostEnvironment environment)
{
    private const int FirstPort = 20000;
    private const int TargetOffset = 10000;
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string ToJson()
    {
        var next = FirstPort;
        var model = new AllocatedModel(resources, configuration, () => next++, name => $"PASSWORD-OF-{name}");
        var variables = new ProcessEnvironment(model, configuration, environment);
        var described = resources.Where(resource => resource is not ParameterResource).OrderBy(resource => resource.Name, StringComparer.Ordinal)
            .ToDictionary(resource => resource.Name, resource => new
            {
                type = resource.GetType().Name,
                connectionString = resource is IResourceWithConnectionString source ? model.ConnectionString(source) : null,
                endpoints = resource.Annotations.OfType<EndpointAnnotation>().Select(endpoint => new
                {
                    endpoint.IsExternal,
                    endpoint.IsProxied,
                    endpoint.Name,
                    endpoint.Port,
                    endpoint.TargetHost,
                    endpoint.TargetPort,
                    endpoint.Transport,
                    endpoint.UriScheme,
                }),
                env = resource is ProjectResource or ExecutableResource
                    ? variables.For(resource, "INSTANCE", endpoint => model.PublicPort(resource, endpoint.Name) + TargetOffset)
                    : [],
                explicitStart = resource.Annotations.OfType<ExplicitStartAnnotation>().Any(),
                healthChecks = HealthChecks(resource),
                replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas,
                waits = resource.Annotations.OfType<WaitAnnotation>().Select(wait => $"{Kind(wait)} {wait.Dependency.Name} exit={wait.ExitCode}"),
            });
        return JsonSerializer.Serialize(described, Readable);
    }

    private static string Kind(WaitAnnotation wait) => wait.Kind switch
    {
        WaitKind.Healthy => "WaitUntilHealthy",
        WaitKind.Started => "WaitUntilStarted",
        _ => "WaitForCompletion",
    };

    private static IEnumerable<string> HealthChecks(IResource resource) => resource is ContainerResource or PostgresDatabaseResource
        ? [$"{resource.Name}_check"]
        : resource.Annotations.OfType<HttpHealthCheckAnnotation>().Select(check => $"{resource.Name}_{check.EndpointName ?? "http"}_{check.Path}_{check.StatusCode}_check");
}
