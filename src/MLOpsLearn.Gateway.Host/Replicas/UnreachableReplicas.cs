using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>Leaves a replica out for a while as soon as no connection to it could be made.</summary>
internal sealed class UnreachableReplicas(IDestinationHealthUpdater health, IOptions<ReplicaOptions> options) : IPassiveHealthCheckPolicy
{
    public const string PolicyName = "Unreachable";

    public string Name => PolicyName;

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (NextReplica.WasNotReached(context))
        {
            health.SetPassive(cluster, destination, DestinationHealth.Unhealthy, TimeSpan.FromSeconds(options.Value.PauseSeconds));
        }
    }
}
