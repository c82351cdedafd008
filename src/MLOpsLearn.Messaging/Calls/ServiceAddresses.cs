using Microsoft.Extensions.Configuration;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>Where the services are: plain configuration, as service discovery writes it.</summary>
public static class ServiceAddresses
{
    /// <summary>The gRPC address of a service, from <c>services__{service}__grpc__0</c>.</summary>
    public static Uri Grpc(IConfiguration configuration, string service) => Find(configuration, service, "grpc");

    /// <summary>The HTTP address of a service, from <c>services__{service}__http__0</c>.</summary>
    public static Uri Http(IConfiguration configuration, string service) => Find(configuration, service, "http");

    private static Uri Find(IConfiguration configuration, string service, string endpoint) =>
        Uri.TryCreate(configuration[$"services:{service}:{endpoint}:0"], UriKind.Absolute, out var address)
            ? address
            : throw new InvalidOperationException($"The address of {service} is missing: set services__{service}__{endpoint}__0.");
}
