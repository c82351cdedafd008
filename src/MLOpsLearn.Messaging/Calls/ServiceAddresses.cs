using Microsoft.Extensions.Configuration;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>
/// Where the services are: plain configuration, <c>services__{service}__{endpoint}__{n}</c>. Clients are given a name that service discovery resolves for
/// each call; who has no service discovery is given the address itself.
/// </summary>
public static class ServiceAddresses
{
    /// <summary>The name of a service's gRPC endpoint, for service discovery.</summary>
    /// <exception cref="InvalidOperationException">No address of it is configured.</exception>
    public static Uri GrpcName(IConfiguration configuration, string service) =>
        // A channel must know beforehand whether its connections are encrypted.
        new($"{Grpc(configuration, service).Scheme}://_grpc.{service}");

    /// <summary>The name of a service's HTTP endpoint, for service discovery: encrypted if there is such an address.</summary>
    /// <exception cref="InvalidOperationException">No address of it is configured.</exception>
    public static Uri HttpName(IConfiguration configuration, string service) =>
        new($"{(Find(configuration, service, "https") ?? Http(configuration, service)).Scheme}://{service}");

    /// <summary>The first gRPC address of a service, from <c>services__{service}__grpc__0</c>.</summary>
    /// <exception cref="InvalidOperationException">It is not configured.</exception>
    public static Uri Grpc(IConfiguration configuration, string service) => Find(configuration, service, "grpc") ?? throw Missing(service, "grpc");

    /// <summary>The first HTTP address of a service, from <c>services__{service}__http__0</c>.</summary>
    /// <exception cref="InvalidOperationException">It is not configured.</exception>
    public static Uri Http(IConfiguration configuration, string service) => Find(configuration, service, "http") ?? throw Missing(service, "http");

    private static Uri? Find(IConfiguration configuration, string service, string endpoint) =>
        Uri.TryCreate(configuration[$"services:{service}:{endpoint}:0"], UriKind.Absolute, out var address) ? address : null;

    private static InvalidOperationException Missing(string service, string endpoint) =>
        new($"The address of {service} is missing: set services__{service}__{endpoint}__0.");
}
