using System.Globalization;
using k8s.Models;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>
/// The Kubernetes job of one attempt, and the secret with its token. The job is made suspended, then the secret, owned by it, then the job goes:
/// so no pod ever waits for the secret, and the secret goes with the job, whenever this service ends in between.
/// </summary>
internal static class JobManifest
{
    /// <summary>Label with the training job's id.</summary>
    public const string JobLabel = "mlopslearn.io/job";

    /// <summary>Value of "app.kubernetes.io/managed-by" of all that this service makes.</summary>
    public const string Manager = "mlopslearn-training";

    /// <summary>The container, and the value of "app.kubernetes.io/name" of its pod: network policies select by it.</summary>
    public const string Worker = "mlopslearn-training-worker";

    /// <summary>Resume: the only change that is made to a job.</summary>
    public const string Resume = """{"spec":{"suspend":false}}""";

    private const string Attempt = "mlopslearn.io/attempt";
    private const string TokenHash = "mlopslearn.io/token-sha256";
    private const string Folder = "/work";
    private const string TokenKey = "token";

    /// <summary>Memory of the runtime and of native code, beside the managed heap and the tables.</summary>
    private const long OverheadBytes = 256L << 20;

    /// <summary>The user "app" of the .NET images.</summary>
    private const int User = 1654;

    public static string NameOf(TrainingJob job) => string.Create(CultureInfo.InvariantCulture, $"mlops-{job.Id}-{job.Attempt}");

    /// <summary>Selects what one installation has made.</summary>
    public static string Selector(string instance) => $"app.kubernetes.io/managed-by={Manager},app.kubernetes.io/instance={instance}";

    /// <summary>Whether a job of this name is the one of this claim, and not a left-over of another database.</summary>
    public static bool IsOf(V1Job job, ClaimedJob claimed) => job.GetAnnotation(TokenHash) == Hash(claimed);

    public static V1Job Job(ClaimedJob claimed, IReadOnlyDictionary<string, string> settings, TrainingOptions training, KubernetesOptions options)
    {
        var labels = Labels(claimed, options);
        return new V1Job
        {
            Metadata = new V1ObjectMeta
            {
                Name = NameOf(claimed.Job),
                Labels = labels,
                Annotations = new Dictionary<string, string> { [TokenHash] = Hash(claimed), ["mlopslearn.io/pipeline"] = claimed.Job.Pipeline },
            },
            Spec = new V1JobSpec
            {
                Suspend = true,
                BackoffLimit = 0,
                PodFailurePolicy = TellDisruptions,
                ActiveDeadlineSeconds = (long)Math.Ceiling(training.TimeLimit.TotalSeconds),
                TtlSecondsAfterFinished = (int)options.KeepEnded.TotalSeconds,
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = labels },
                    Spec = Pod(claimed, settings, training, options),
                },
            },
        };
    }

    public static V1Secret Secret(ClaimedJob claimed, V1Job owner, KubernetesOptions options) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = owner.Metadata.Name,
            Labels = Labels(claimed, options),
            OwnerReferences =
            [
                new V1OwnerReference { ApiVersion = "batch/v1", Kind = "Job", Name = owner.Metadata.Name, Uid = owner.Metadata.Uid },
            ],
        },
        Immutable = true,
        StringData = new Dictionary<string, string> { [TokenKey] = claimed.Token },
    };

    /// <summary>Has the job itself say that its pod was taken away: the pod may be gone when somebody asks it.</summary>
    private static V1PodFailurePolicy TellDisruptions => new()
    {
        Rules =
        [
            new V1PodFailurePolicyRule
            {
                Action = "FailJob",
                OnPodConditions = [new V1PodFailurePolicyOnPodConditionsPattern { Type = "DisruptionTarget", Status = "True" }],
            },
        ],
    };

    private static V1PodSpec Pod(ClaimedJob claimed, IReadOnlyDictionary<string, string> settings, TrainingOptions training, KubernetesOptions options)
    {
        List<V1Volume> volumes = [new() { Name = "work", EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(options.Scratch) } }];
        List<V1VolumeMount> mounts = [new() { Name = "work", MountPath = Folder }];
        if (options.DataClaim.Length > 0)
        {
            volumes.Add(new V1Volume
            {
                Name = "data",
                PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = options.DataClaim, ReadOnlyProperty = true },
            });
            mounts.Add(new V1VolumeMount { Name = "data", MountPath = training.DataRoots[0], ReadOnlyProperty = true });
        }

        return new V1PodSpec
        {
            RestartPolicy = "Never",
            ServiceAccountName = options.ServiceAccount,
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds = 5,
            SecurityContext = new V1PodSecurityContext
            {
                RunAsNonRoot = true,
                RunAsUser = User,
                RunAsGroup = User,
                FsGroup = User,
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            Volumes = volumes,
            Containers = [Container(claimed, settings, training, options, mounts)],
        };
    }

    private static V1Container Container(
        ClaimedJob claimed, IReadOnlyDictionary<string, string> settings, TrainingOptions training, KubernetesOptions options, List<V1VolumeMount> mounts)
    {
        // The memory that is asked for is also the limit: a job that is promised less may take a whole node's services along.
        var resources = new Dictionary<string, ResourceQuantity>
        {
            ["cpu"] = new(options.Cpu),
            ["memory"] = new(string.Create(CultureInfo.InvariantCulture, $"{training.MemoryLimitBytes / 4 * 5 + OverheadBytes}")),
        };
        List<V1EnvVar> environment = [.. settings.Select(setting => new V1EnvVar { Name = setting.Key, Value = setting.Value })];
        environment.AddRange(new[] { "HOME", "TMPDIR" }.Select(name => new V1EnvVar { Name = name, Value = Folder }));
        environment.Add(new V1EnvVar { Name = "DOTNET_GCHeapHardLimit", Value = training.MemoryLimitBytes.ToString("X", CultureInfo.InvariantCulture) });
        environment.Add(new V1EnvVar
        {
            Name = WorkerSettings.TokenVariable,
            ValueFrom = new V1EnvVarSource { SecretKeyRef = new V1SecretKeySelector { Name = NameOf(claimed.Job), Key = TokenKey } },
        });
        return new V1Container
        {
            Name = Worker,
            Image = options.Image,
            WorkingDir = Folder,
            Env = environment,
            VolumeMounts = mounts,
            Resources = new V1ResourceRequirements { Requests = resources, Limits = resources },
            // The last words of a worker that fails stand in the pod's state: no right to read logs is needed.
            TerminationMessagePolicy = "FallbackToLogsOnError",
            SecurityContext = new V1SecurityContext
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new V1Capabilities { Drop = ["ALL"] },
            },
        };
    }

    private static Dictionary<string, string> Labels(ClaimedJob claimed, KubernetesOptions options) => new()
    {
        ["app.kubernetes.io/name"] = Worker,
        ["app.kubernetes.io/part-of"] = "mlopslearn",
        ["app.kubernetes.io/instance"] = options.Instance,
        ["app.kubernetes.io/managed-by"] = Manager,
        [JobLabel] = claimed.Job.Id,
        [Attempt] = claimed.Job.Attempt.ToString(CultureInfo.InvariantCulture),
    };

    private static string Hash(ClaimedJob claimed) => Convert.ToHexStringLower(JobToken.Hash(claimed.Token));
}
