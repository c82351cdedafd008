using k8s.Models;

namespace MLOpsLearn.Deploy.Tests.Kubernetes;

/// <summary>A connection of gRPC holds many calls: what has replicas must be called pod by pod, and answer to every name that it is called by.</summary>
internal static class SpreadingRules
{
    public static IEnumerable<string> Faults(RenderedManifests manifests) => Spread(manifests).Concat(Names(manifests));

    private static IEnumerable<string> Spread(RenderedManifests manifests)
    {
        var gateway = manifests.Find<V1Deployment>("gateway");
        var calls = ManifestRules.EnvironmentOf(manifests, gateway.Spec.Template.Spec.Containers[0]).ToDictionary(variable => variable.Name, variable => variable.Value);
        foreach (var deployment in manifests.All<V1Deployment>().Where(item => item != gateway))
        {
            var name = deployment.Metadata.Name;
            var called = manifests.All<V1Service>().FirstOrDefault(item => item.Metadata.Name == new Uri(calls[$"services__{name}__grpc__0"]!).Host);
            if (MayHaveReplicas(manifests, deployment) && called?.Spec is not { ClusterIP: "None", PublishNotReadyAddresses: null or false })
            {
                yield return $"Deployment {name}: the gateway's gRPC calls all go to one of its pods";
            }
        }
    }

    private static IEnumerable<string> Names(RenderedManifests manifests)
    {
        foreach (var deployment in manifests.All<V1Deployment>())
        {
            var labels = deployment.Spec.Template.Metadata.Labels;
            var hosts = ManifestRules.EnvironmentOf(manifests, deployment.Spec.Template.Spec.Containers[0])
                .Where(variable => variable.Name.StartsWith("Security__AllowedHosts__", StringComparison.Ordinal)).Select(variable => variable.Value).ToList();
            foreach (var service in manifests.All<V1Service>()
                .Where(item => ManifestRules.Matches(new V1LabelSelector { MatchLabels = item.Spec.Selector }, labels) && !hosts.Contains(item.Metadata.Name)))
            {
                yield return $"Deployment {deployment.Metadata.Name} refuses requests that name it {service.Metadata.Name}";
            }
        }
    }

    private static bool MayHaveReplicas(RenderedManifests manifests, V1Deployment deployment) =>
        deployment.Spec.Replicas > 1
        || manifests.All<V2HorizontalPodAutoscaler>().Any(item => item.Spec.ScaleTargetRef.Name == deployment.Metadata.Name)
        || manifests.All<ScaledObject>().Any(item => item.Spec.ScaleTargetRef.Name == deployment.Metadata.Name);
}
