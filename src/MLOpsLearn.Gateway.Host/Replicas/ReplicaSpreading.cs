using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>Spreads the calls to a service over its replicas.</summary>
internal static class ReplicaSpreading
{
    /// <summary>A replica that takes longer to take a connection is asked nothing.</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(2);

    public static IReverseProxyBuilder AddReplicaSpreading(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddServiceDiscoveryCore().AddConfigurationServiceEndpointProvider();
        proxy.Services.AddOptions<ReplicaOptions>().BindConfiguration(ReplicaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        proxy.Services.TryAddSingleton<HostLookup>(_ => Dns.GetHostAddressesAsync);
        proxy.Services.AddSingleton<IDestinationResolver, ReplicaResolver>();
        proxy.Services.AddSingleton<IPassiveHealthCheckPolicy, UnreachableReplicas>();
        proxy.ConfigureHttpClient((_, handler) =>
        {
            handler.ConnectTimeout = ConnectPatience;

            // Finds out that a machine is gone which could not say goodbye. Longer than an address may be held while nobody is behind it.
            handler.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(40);
        });
        return proxy;
    }
}
