using Google.Protobuf.WellKnownTypes;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Tests.Fakes;

namespace MLOpsLearn.Training.Tests.KubernetesJobs;

/// <summary>A training host whose workers run in a cluster.</summary>
internal static class ClusterHost
{
    /// <param name="cluster">The cluster.</param>
    /// <param name="earlier">A host that stopped: its state, neighbours and address are taken over.</param>
    public static Task<TrainingHost> StartAsync(FakeKubernetes cluster, TrainingHost? earlier = null) => TrainingHost.StartAsync(
        earlier?.Neighbours,
        earlier?.Folder,
        services => services.AddSingleton<IKubernetes>(_ => new k8s.Kubernetes(new KubernetesClientConfiguration { Host = cluster.Address })),
        earlier?.Ports,
        ("Training:Executor", "Kubernetes"),
        ("Training:Kubernetes:Namespace", "mlops"),
        ("Training:Kubernetes:Image", "registry.example.org/mlopslearn/training-worker:1"),
        ("Training:Kubernetes:Cpu", "2"),
        ("Training:Lease", "00:00:30"));

    public static Dictionary<string, string> Labels(string job, string instance) => new()
    {
        ["app.kubernetes.io/managed-by"] = "mlopslearn-training",
        ["app.kubernetes.io/instance"] = instance,
        ["mlopslearn.io/job"] = job,
    };

    /// <summary>A job on a window; its worker stands still while monitoring makes it wait.</summary>
    public static Task<Job> StartPausedAsync(TrainingHost host)
    {
        host.Neighbours.Monitoring.Window = Trips.File();
        host.Neighbours.Monitoring.WindowRows = 2000;
        host.Neighbours.Monitoring.Pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return host.StartJobAsync(Trips.Yaml(), new JobInput
        {
            Window = new WindowInput { Endpoint = "trips", Start = Timestamp.FromDateTimeOffset(start), End = Timestamp.FromDateTimeOffset(start.AddDays(31)) },
        });
    }

    /// <summary>Waits until the worker of this attempt has its run open.</summary>
    public static Task<Job> WorkingAsync(TrainingHost host, string jobId, int attempt) =>
        host.UntilAsync(jobId, job => job.State == JobState.Running && job.Attempt == attempt && job.RunId.Length > 0 && job.Steps.Count > 0);
}
