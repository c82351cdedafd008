using k8s;
using k8s.Models;

namespace MLOpsLearn.Deploy.Tests.Kubernetes;

/// <summary>What kustomize makes of a folder, read strictly into the client's own models: a member that Kubernetes doesn't know is an error.</summary>
internal sealed class RenderedManifests
{
    private RenderedManifests(IReadOnlyList<object> objects, string text) => (Objects, Text) = (objects, text);

    public IReadOnlyList<object> Objects { get; }

    public string Text { get; }

    /// <summary>Pod templates by the kind and name of their owner.</summary>
    public IEnumerable<(string Owner, int? Replicas, V1PodTemplateSpec Template)> Templates =>
        All<V1Deployment>().Select(item => ($"Deployment {item.Metadata.Name}", item.Spec.Replicas, item.Spec.Template))
            .Concat(All<V1StatefulSet>().Select(item => ($"StatefulSet {item.Metadata.Name}", item.Spec.Replicas, item.Spec.Template)));

    /// <summary>Labels of every pod that there can be: of the templates, and of training workers.</summary>
    public IEnumerable<(string Owner, IDictionary<string, string> Labels)> Pods =>
        Templates.Select(item => (item.Owner, item.Template.Metadata.Labels))
            .Append(("training worker", new Dictionary<string, string> { ["app.kubernetes.io/name"] = "mlopslearn-training-worker", ["app.kubernetes.io/part-of"] = "mlopslearn" }));

    public static async Task<RenderedManifests> RenderAsync(string folder)
    {
        // A copy, so that the file of secrets that the demo asks for comes from its example, and nothing is left in the checkout.
        var copy = Directory.CreateTempSubdirectory("kustomize-").FullName;
        try
        {
            var source = Checkout.PathOf("deploy", "kubernetes");
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
                if (Path.GetFileName(file) == "secrets.example.env")
                {
                    File.Copy(file, Path.Combine(Path.GetDirectoryName(target)!, "secrets.env"), overwrite: true);
                }
            }

            var result = await Checkout.RunAsync("kubectl", copy, "kustomize", folder) ?? await Checkout.RunAsync("kustomize", copy, "build", folder);
            Assert.SkipUnless(result is not null, "skipped: neither kubectl nor kustomize is installed");
            Assert.True(result.Value.Code == 0, result.Value.Output);
            return Read(result.Value.Output);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    public static RenderedManifests Read(string text)
    {
        // Kinds that the client has no model of are read by rules of our own.
        var types = new Dictionary<string, Type>
        {
            ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
            ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
        };
        return new RenderedManifests(KubernetesYaml.LoadAllFromString(text, types, strict: true), text);
    }

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    public T Find<T>(string name)
        where T : IKubernetesObject<V1ObjectMeta> => Assert.Single(All<T>(), item => item.Metadata.Name == name);
}

/// <summary>KEDA's object that scales a deployment.</summary>
public sealed class ScaledObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ScaledObjectSpec Spec { get; set; } = new();
}

/// <summary>The part of it that is used here.</summary>
public sealed class ScaledObjectSpec
{
    public Named ScaleTargetRef { get; set; } = new();

    public int MinReplicaCount { get; set; }

    public int MaxReplicaCount { get; set; }

    public int PollingInterval { get; set; }

    public int CooldownPeriod { get; set; }

    public IList<Trigger> Triggers { get; set; } = [];
}

/// <summary>What KEDA asks.</summary>
public sealed class Trigger
{
    public string Type { get; set; } = "";

    public Named AuthenticationRef { get; set; } = new();

    public IDictionary<string, string> Metadata { get; set; } = new Dictionary<string, string>();
}

/// <summary>A reference by name.</summary>
public sealed class Named
{
    public string Name { get; set; } = "";
}

/// <summary>KEDA's object that says where its secrets are.</summary>
public sealed class TriggerAuthentication : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public TriggerAuthenticationSpec Spec { get; set; } = new();
}

/// <summary>The part of it that is used here.</summary>
public sealed class TriggerAuthenticationSpec
{
    public IList<SecretTarget> SecretTargetRef { get; set; } = [];
}

/// <summary>One parameter from a secret.</summary>
public sealed class SecretTarget
{
    public string Parameter { get; set; } = "";

    public string Name { get; set; } = "";

    public string Key { get; set; } = "";
}
