using k8s.Models;

namespace MLOpsLearn.Deploy.Tests.Kubernetes;

/// <summary>Rules over rendered manifests; each names what breaks it, so that one test can hold them all, and others can break them one by one.</summary>
internal static class ManifestRules
{
    private const string NameLabel = "app.kubernetes.io/name";

    public static IEnumerable<string> Faults(RenderedManifests manifests, bool hasSecrets) =>
        Selectors(manifests).Concat(References(manifests, hasSecrets)).Concat(Ports(manifests)).Concat(Security(manifests))
            .Concat(Probes(manifests)).Concat(Environment(manifests)).Concat(Budgets(manifests)).Concat(SpreadingRules.Faults(manifests));

    private static IEnumerable<string> Selectors(RenderedManifests manifests)
    {
        foreach (var deployment in manifests.All<V1Deployment>().Where(item => !Matches(item.Spec.Selector, item.Spec.Template.Metadata.Labels)))
        {
            yield return $"Deployment {deployment.Metadata.Name} does not select its own pods";
        }

        var selectors = manifests.All<V1Service>().Select(item => ($"Service {item.Metadata.Name}", new V1LabelSelector { MatchLabels = item.Spec.Selector }))
            .Concat(manifests.All<V1PodDisruptionBudget>().Select(item => ($"PodDisruptionBudget {item.Metadata.Name}", item.Spec.Selector)))
            .Concat(manifests.All<V1NetworkPolicy>().Select(item => ($"NetworkPolicy {item.Metadata.Name}", item.Spec.PodSelector)))
            .Concat(manifests.All<V1NetworkPolicy>().SelectMany(item => Peers(item).Select(peer => ($"NetworkPolicy {item.Metadata.Name}", peer.PodSelector))))
            .Where(entry => entry.Item2 is not null);
        foreach (var (name, selector) in selectors)
        {
            if (!manifests.Pods.Any(pod => Matches(selector, pod.Labels)))
            {
                yield return $"{name} selects no pod";
            }

            foreach (var value in (selector.MatchExpressions ?? []).SelectMany(expression => expression.Values).Where(value => manifests.Pods.All(pod => pod.Labels[NameLabel] != value)))
            {
                yield return $"{name} names '{value}', and no pod is of that name";
            }
        }
    }

    private static IEnumerable<string> References(RenderedManifests manifests, bool hasSecrets)
    {
        foreach (var (owner, _, template) in manifests.Templates)
        {
            var account = template.Spec.ServiceAccountName;
            if (account is not null && manifests.All<V1ServiceAccount>().All(item => item.Metadata.Name != account))
            {
                yield return $"{owner}: there is no service account {account}";
            }

            foreach (var name in template.Spec.Containers.SelectMany(container => container.EnvFrom ?? []).Select(source => source.ConfigMapRef.Name)
                .Concat((template.Spec.Volumes ?? []).Where(volume => volume.ConfigMap is not null).Select(volume => volume.ConfigMap.Name))
                .Where(name => manifests.All<V1ConfigMap>().All(item => item.Metadata.Name != name)))
            {
                yield return $"{owner}: there is no config map {name}";
            }

            foreach (var claim in (template.Spec.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>()
                .Where(claim => manifests.All<V1PersistentVolumeClaim>().All(item => item.Metadata.Name != claim)))
            {
                yield return $"{owner}: there is no volume claim {claim}";
            }

            var volumes = (template.Spec.Volumes ?? []).Select(volume => volume.Name).Append("data").ToHashSet();
            foreach (var mount in template.Spec.Containers.SelectMany(container => container.VolumeMounts ?? []).Where(mount => !volumes.Contains(mount.Name)))
            {
                yield return $"{owner}: there is no volume {mount.Name}";
            }
        }

        foreach (var (owner, secret, key) in hasSecrets ? SecretKeys(manifests) : [])
        {
            if (manifests.All<V1Secret>().FirstOrDefault(item => item.Metadata.Name == secret)?.Data.ContainsKey(key) != true)
            {
                yield return $"{owner}: secret {secret} has no key {key}";
            }
        }

        foreach (var target in manifests.All<V2HorizontalPodAutoscaler>().Select(item => item.Spec.ScaleTargetRef.Name)
            .Concat(manifests.All<ScaledObject>().Select(item => item.Spec.ScaleTargetRef.Name))
            .Where(target => manifests.All<V1Deployment>().All(item => item.Metadata.Name != target)))
        {
            yield return $"{target} is to be scaled, and is no deployment";
        }
    }

    private static IEnumerable<string> Ports(RenderedManifests manifests)
    {
        foreach (var service in manifests.All<V1Service>())
        {
            var containers = manifests.Templates.Where(item => Matches(new V1LabelSelector { MatchLabels = service.Spec.Selector }, item.Template.Metadata.Labels))
                .SelectMany(item => item.Template.Spec.Containers).ToList();
            foreach (var port in service.Spec.Ports.Where(port => containers.All(container => container.Ports.All(open => open.Name != port.TargetPort.Value))))
            {
                yield return $"Service {service.Metadata.Name}: no container has a port {port.TargetPort.Value}";
            }
        }

        foreach (var deployment in manifests.All<V1Deployment>())
        {
            var environment = EnvironmentOf(manifests, deployment.Spec.Template.Spec.Containers[0]).ToDictionary(entry => entry.Name, entry => entry.Value);
            var ports = deployment.Spec.Template.Spec.Containers[0].Ports.ToDictionary(port => port.Name, port => $"{port.ContainerPort}");
            if (environment.GetValueOrDefault("ASPNETCORE_URLS") != $"http://*:{ports.GetValueOrDefault("http")}" || environment.GetValueOrDefault("GRPC_PORT") != ports.GetValueOrDefault("grpc"))
            {
                yield return $"Deployment {deployment.Metadata.Name} listens elsewhere than its ports say";
            }

            foreach (var (name, value) in environment.Where(entry => entry.Key.StartsWith("services__", StringComparison.Ordinal)))
            {
                var address = new Uri(value!);
                var endpoint = name.Split("__")[2];
                if (manifests.All<V1Service>().FirstOrDefault(item => item.Metadata.Name == address.Host)?.Spec.Ports.Any(port => port.Name == endpoint && port.Port == address.Port) != true)
                {
                    yield return $"Deployment {deployment.Metadata.Name}: no service answers at {name}={value}";
                }
            }
        }
    }

    private static IEnumerable<string> Security(RenderedManifests manifests)
    {
        foreach (var (owner, _, template) in manifests.Templates)
        {
            if (template.Spec.SecurityContext is not { RunAsNonRoot: true, SeccompProfile.Type: "RuntimeDefault" })
            {
                yield return $"{owner} may run as root, or with every system call";
            }

            foreach (var container in template.Spec.Containers)
            {
                if (container.SecurityContext is not { AllowPrivilegeEscalation: false, Capabilities.Drop: ["ALL"] })
                {
                    yield return $"{owner}/{container.Name} keeps capabilities";
                }

                if (owner.StartsWith("Deployment", StringComparison.Ordinal) && container.SecurityContext?.ReadOnlyRootFilesystem != true)
                {
                    yield return $"{owner}/{container.Name} may write to its own image";
                }

                if (container.Resources is not { Requests: { } requests, Limits: { } limits } || !requests.ContainsKey("cpu") || !requests.ContainsKey("memory") || !limits.ContainsKey("memory"))
                {
                    yield return $"{owner}/{container.Name} says not what it needs, or has no limit of memory";
                }

                foreach (var variable in (container.Env ?? []).Where(variable => IsSecret(variable.Name) && variable.ValueFrom?.SecretKeyRef is null))
                {
                    yield return $"{owner}/{container.Name}: {variable.Name} does not come from a secret";
                }
            }

            var mayHaveToken = owner == "Deployment training";
            if (template.Spec.AutomountServiceAccountToken != mayHaveToken)
            {
                yield return $"{owner} {(mayHaveToken ? "lacks" : "has")} a token of the cluster";
            }
        }
    }

    private static IEnumerable<string> Probes(RenderedManifests manifests)
    {
        foreach (var deployment in manifests.All<V1Deployment>())
        {
            var container = deployment.Spec.Template.Spec.Containers[0];
            // The gateway's /health asks the five services.
            var ready = deployment.Metadata.Name == "gateway" ? "/alive" : "/health";
            foreach (var (probe, path) in new[] { (container.StartupProbe, "/alive"), (container.LivenessProbe, "/alive"), (container.ReadinessProbe, ready) })
            {
                if (probe?.HttpGet?.Path != path || probe.HttpGet.Port.Value != "http")
                {
                    yield return $"Deployment {deployment.Metadata.Name}: a probe is missing, or does not ask {path} at http";
                }
            }
        }
    }

    private static IEnumerable<string> Environment(RenderedManifests manifests)
    {
        foreach (var deployment in manifests.All<V1Deployment>())
        {
            var service = deployment.Metadata.Name;
            var variables = EnvironmentOf(manifests, deployment.Spec.Template.Spec.Containers[0]).ToList();
            foreach (var (name, value) in variables)
            {
                if (Settings.Fault(service, name, value) is { } fault)
                {
                    yield return $"Deployment {service}: {fault}";
                }
            }

            string[] needed = service == "gateway" ? [] : [$"ConnectionStrings__{service}", "ConnectionStrings__messaging", "ConnectionStrings__cache"];
            foreach (var name in needed.Concat(Checkout.Services.SelectMany(other => new[] { $"services__{other}__http__0", $"services__{other}__grpc__0" }))
                .Where(name => variables.All(variable => variable.Name != name)))
            {
                yield return $"Deployment {service} lacks {name}";
            }
        }
    }

    private static IEnumerable<string> Budgets(RenderedManifests manifests)
    {
        foreach (var deployment in manifests.All<V1Deployment>())
        {
            var name = deployment.Metadata.Name;
            var least = manifests.All<V2HorizontalPodAutoscaler>().FirstOrDefault(item => item.Spec.ScaleTargetRef.Name == name)?.Spec.MinReplicas
                ?? manifests.All<ScaledObject>().FirstOrDefault(item => item.Spec.ScaleTargetRef.Name == name)?.Spec.MinReplicaCount
                ?? deployment.Spec.Replicas ?? 1;
            var budget = manifests.All<V1PodDisruptionBudget>().FirstOrDefault(item => Matches(item.Spec.Selector, deployment.Spec.Template.Metadata.Labels))?.Spec;
            if (budget is null || (budget.MinAvailable is { } available && int.Parse(available.Value, System.Globalization.CultureInfo.InvariantCulture) >= least))
            {
                yield return $"Deployment {name} has no disruption budget, or one that lets no node be emptied";
            }

            var mountsOnce = (deployment.Spec.Template.Spec.Volumes ?? []).Any(volume => volume.PersistentVolumeClaim is not null);
            if (mountsOnce && (deployment.Spec.Strategy.Type != "Recreate" || deployment.Spec.Replicas != 1))
            {
                yield return $"Deployment {name}: two pods would want one volume";
            }
        }
    }

    public static IEnumerable<(string Name, string? Value)> EnvironmentOf(RenderedManifests manifests, V1Container container) =>
        (container.EnvFrom ?? []).SelectMany(source => manifests.Find<V1ConfigMap>(source.ConfigMapRef.Name).Data.Select(entry => (entry.Key, (string?)entry.Value)))
            .Where(shared => (container.Env ?? []).All(own => own.Name != shared.Key))
            .Concat((container.Env ?? []).Select(variable => (variable.Name, (string?)variable.Value)));

    public static bool Matches(V1LabelSelector selector, IDictionary<string, string> labels) =>
        (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair => labels.TryGetValue(pair.Key, out var value) && value == pair.Value)
        && (selector.MatchExpressions ?? []).All(expression =>
            expression.OperatorProperty == "In" && labels.TryGetValue(expression.Key, out var value) && expression.Values.Contains(value));

    private static IEnumerable<(string Owner, string Secret, string Key)> SecretKeys(RenderedManifests manifests) =>
        manifests.Templates.SelectMany(item => item.Template.Spec.Containers.SelectMany(container => container.Env ?? [])
                .Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>().Select(key => (item.Owner, key.Name, key.Key)))
            .Concat(manifests.All<TriggerAuthentication>().SelectMany(item => item.Spec.SecretTargetRef.Select(target => ($"TriggerAuthentication {item.Metadata.Name}", target.Name, target.Key))));

    private static IEnumerable<V1NetworkPolicyPeer> Peers(V1NetworkPolicy policy) =>
        (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []));

    private static bool IsSecret(string name) =>
        name.StartsWith("ConnectionStrings__", StringComparison.Ordinal) || name.Contains("PASS", StringComparison.Ordinal) || name.Contains("AUTH", StringComparison.Ordinal);
}
