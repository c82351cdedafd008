using System.Text.RegularExpressions;
using k8s.Models;

namespace MLOpsLearn.Deploy.Tests.Kubernetes;

/// <summary>deploy/kubernetes, rendered by kustomize.</summary>
public sealed partial class ManifestTests
{
    [Theory]
    [InlineData("base", false)]
    [InlineData("overlays/demo", true)]
    public async Task Manifests_are_whole_safe_and_name_only_what_exists(string folder, bool hasSecrets)
    {
        var manifests = await RenderedManifests.RenderAsync(folder);

        Assert.Empty(ManifestRules.Faults(manifests, hasSecrets));
        Assert.Equal([.. Checkout.Services.Append("gateway").Order()], manifests.All<V1Deployment>().Select(item => item.Metadata.Name).Order());
        Assert.Equal(["gateway", "inference"], manifests.All<V2HorizontalPodAutoscaler>().Select(item => item.Metadata.Name).Order());
    }

    [Theory]
    [InlineData("Artifacts__Root", "Artifacts__Rot", "ArtifactOptions has no property 'Rot'")]
    [InlineData("value: Kubernetes", "value: Cubernetes", "'Cubernetes' is no WorkerPlace")]
    [InlineData("ConnectionStrings__tracking", "ConnectionStrings__trakking", "reads no connection string 'trakking'")]
    [InlineData("http://registry:8081", "http://registry:8082", "no service answers at services__registry__grpc__0")]
    [InlineData("GRPC_PORT: \"8081\"", "GRPC_PORT: \"8082\"", "listens elsewhere")]
    [InlineData("path: /alive", "path: /live", "a probe is missing")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "may write to its own image")]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "may run as root")]
    [InlineData("claimName: tracking-data", "claimName: trakking-data", "there is no volume claim trakking-data")]
    [InlineData("serviceAccountName: training", "serviceAccountName: trainer", "there is no service account trainer")]
    [InlineData("minAvailable: 1", "minAvailable: 2", "lets no node be emptied")]
    [InlineData("clusterIP: None", "publishNotReadyAddresses: false", "the gateway's gRPC calls all go to one of its pods")]
    [InlineData("value: inference-grpc", "value: inference-rpc", "Deployment inference refuses requests that name it inference-grpc")]
    [InlineData("value: gateway", "value: gate", "Deployment gateway refuses requests that name it gateway")]
    [InlineData("- monitoring\n", "- monitor\n", "names 'monitor', and no pod is of that name")]
    public async Task A_broken_manifest_is_found(string right, string wrong, string fault)
    {
        var manifests = await RenderedManifests.RenderAsync("base");
        Assert.Contains(right, manifests.Text, StringComparison.Ordinal);

        var broken = RenderedManifests.Read(manifests.Text.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Contains(ManifestRules.Faults(broken, hasSecrets: false), found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_that_Kubernetes_does_not_know_is_found()
    {
        var manifests = await RenderedManifests.RenderAsync("base");

        Assert.ThrowsAny<Exception>(() => RenderedManifests.Read(manifests.Text.Replace("failureThreshold:", "failureTreshold:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pods_may_talk_along_the_arrows_of_the_code_and_no_others()
    {
        var manifests = await RenderedManifests.RenderAsync("base");
        var arrows = Checkout.Services.SelectMany(service => Directory.EnumerateFiles(
                Checkout.PathOf("src", $"MLOpsLearn.{char.ToUpperInvariant(service[0])}{service[1..]}"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ServiceClient().Matches(File.ReadAllText(file)).Select(match => (service, match.Groups[1].Value))));
        var expected = arrows.Concat(Checkout.Services.Select(service => ("gateway", service)))
            .Concat(new[] { "training", "tracking", "monitoring" }.Select(service => ("mlopslearn-training-worker", service)))
            .Distinct().Order().ToList();

        Assert.Equal(expected, Arrows(manifests, policy => (policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []), isOut: true));
        Assert.Equal(expected, Arrows(manifests, policy => (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? []), isOut: false));
        var all = manifests.Find<V1NetworkPolicy>("default-deny");
        Assert.Equal(["Ingress", "Egress"], all.Spec.PolicyTypes);
        Assert.True(all.Spec.PodSelector.MatchLabels is null && all.Spec.Ingress is null && all.Spec.Egress is null);
    }

    [Fact]
    public async Task The_training_service_may_do_what_its_code_does_and_nothing_more()
    {
        var manifests = await RenderedManifests.RenderAsync("base");
        var code = string.Concat(Directory.EnumerateFiles(Checkout.PathOf("src", "MLOpsLearn.Training", "KubernetesJobs"), "*.cs").Select(File.ReadAllText));
        var used = ClientCall().Matches(code).Select(match => (match.Groups[2].Value, match.Groups[1].Value) switch
        {
            (var kind, "Read") => $"get {kind.ToLowerInvariant()}s",
            (var kind, "WatchList") => $"watch {kind.ToLowerInvariant()}s",
            var (kind, verb) => $"{verb.ToLowerInvariant()} {kind.ToLowerInvariant()}s",
        }).Distinct().Order();

        var role = Assert.Single(manifests.All<V1Role>());
        var allowed = role.Rules.SelectMany(rule => rule.Resources.SelectMany(resource => rule.Verbs.Select(verb => $"{verb} {resource}"))).Order();

        Assert.Equal(used, allowed);
        Assert.Empty(manifests.All<V1ClusterRole>());
        var binding = Assert.Single(manifests.All<V1RoleBinding>());
        Assert.Equal(("training-jobs", "training"), (binding.RoleRef.Name, Assert.Single(binding.Subjects).Name));
    }

    [Fact]
    public async Task Training_is_scaled_by_the_queue_that_it_works_off()
    {
        var manifests = await RenderedManifests.RenderAsync("base");
        var trigger = Assert.Single(Assert.Single(manifests.All<ScaledObject>()).Spec.Triggers);
        var lanes = manifests.Find<V1Deployment>("training").Spec.Template.Spec.Containers[0].Env.Single(variable => variable.Name == "Training__MaxConcurrency").Value;

        Assert.Equal(("postgresql", lanes), (trigger.Type, trigger.Metadata["targetQueryValue"]));
        Assert.Equal((1, 2), ((int)Contracts.Training.V1.JobState.Queued, (int)Contracts.Training.V1.JobState.Running));
        var migrations = Directory.EnumerateFiles(Checkout.PathOf("src", "MLOpsLearn.Training", "Data", "Migrations", "Postgres"), "*ModelSnapshot.cs");
        var snapshot = File.ReadAllText(Assert.Single(migrations));
        Assert.Equal("SELECT count(*) FROM jobs WHERE \"State\" IN (1, 2)", trigger.Metadata["query"]);
        Assert.Matches(new Regex("\"State\"\\)\\s+\\.HasColumnType\\(\"integer\"\\)[\\s\\S]*ToTable\\(\"jobs\""), snapshot);
    }

    [Fact]
    public async Task No_secret_is_kept_in_the_repository()
    {
        var manifests = await RenderedManifests.RenderAsync("base");
        var example = Checkout.Read("deploy", "kubernetes", "overlays", "demo", "secrets.example.env") + Checkout.Read("deploy", "compose", ".env.example");
        var ignored = Checkout.Read(".gitignore").Split('\n');

        Assert.Empty(manifests.All<V1Secret>());
        Assert.All(Password().Matches(example), match => Assert.Equal("CHANGE-ME", match.Groups[1].Value));
        Assert.Contains("secrets.env", ignored);
        Assert.Contains(".env", ignored);
    }

    private static List<(string, string)> Arrows(RenderedManifests manifests, Func<V1NetworkPolicy, IEnumerable<V1NetworkPolicyPeer>> peers, bool isOut) =>
    [
        .. manifests.All<V1NetworkPolicy>().Where(policy => policy.Spec.PolicyTypes.Count == 1).SelectMany(policy => peers(policy)
            .Where(peer => peer.PodSelector is not null)
            .SelectMany(peer => Names(manifests, peer.PodSelector).SelectMany(other =>
                Names(manifests, policy.Spec.PodSelector).Select(own => isOut ? (own, other) : (other, own)))))
            .Distinct().Order(),
    ];

    private static IEnumerable<string> Names(RenderedManifests manifests, V1LabelSelector selector) =>
        manifests.Pods.Where(pod => ManifestRules.Matches(selector, pod.Labels)).Select(pod => pod.Labels["app.kubernetes.io/name"]);

    [GeneratedRegex("AddServiceClient<[A-Za-z0-9_.]+>\\(\"([a-z]+)\"\\)")]
    private static partial Regex ServiceClient();

    [GeneratedRegex(@"\.(Create|Read|List|WatchList|Patch|Delete)Namespaced(Job|Secret|Pod)Async\(")]
    private static partial Regex ClientCall();

    [GeneratedRegex(@"(?i)(?:password=|://[a-z]+:)([^\s@,;]+)")]
    private static partial Regex Password();
}
