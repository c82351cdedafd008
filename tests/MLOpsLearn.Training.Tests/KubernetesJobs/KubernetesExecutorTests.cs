using k8s.Models;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Tests.Fakes;

namespace MLOpsLearn.Training.Tests.KubernetesJobs;

/// <summary>Workers as jobs of a cluster: whole jobs with the real worker, and what a cluster does to them.</summary>
public sealed class KubernetesExecutorTests
{
    [Fact]
    public async Task A_job_runs_in_the_cluster_with_its_token_in_a_secret_and_limits_of_its_own()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        await using var host = await ClusterHost.StartAsync(cluster);

        var job = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, "", 1, "promoted"), (job.State, job.Message, job.Attempt, job.Outcome));
        Assert.InRange(job.PeakMemoryBytes, 10_000_000, 2_000_000_000);
        var (name, made) = Assert.Single(cluster.Jobs);
        Assert.Equal($"mlops-{job.JobId}-1", name);
        Assert.Equal((0, 21_600L, 3_600), (made.Spec.BackoffLimit, made.Spec.ActiveDeadlineSeconds, made.Spec.TtlSecondsAfterFinished));
        Assert.Equal((job.JobId, "mlopslearn-training"), (made.Metadata.Labels["mlopslearn.io/job"], made.Metadata.Labels["app.kubernetes.io/managed-by"]));
        var pod = made.Spec.Template.Spec;
        Assert.Equal(("Never", false, true), (pod.RestartPolicy, pod.AutomountServiceAccountToken, pod.SecurityContext.RunAsNonRoot));
        var container = Assert.Single(pod.Containers);
        Assert.True(container.SecurityContext is { ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false, Capabilities.Drop: ["ALL"] });
        Assert.Equal("2", container.Resources.Limits["cpu"].ToString());
        Assert.Equal(((1L << 30) / 4 * 5) + (256L << 20), container.Resources.Limits["memory"].ToInt64());
        var secret = Assert.Single(cluster.Secrets).Value;
        Assert.Equal(made.Metadata.Uid, Assert.Single(secret.Metadata.OwnerReferences).Uid);
        var token = secret.StringData["token"];
        Assert.DoesNotContain(token, k8s.KubernetesJson.Serialize(made), StringComparison.Ordinal);
        Assert.DoesNotContain(container.Env, variable => variable.Value == token);
        // The job stays for its log; nothing was deleted.
        Assert.DoesNotContain("DELETE jobs", cluster.Requests);
    }

    [Fact]
    public async Task Cancel_deletes_the_job_and_its_secret()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        await using var host = await ClusterHost.StartAsync(cluster);
        var job = await ClusterHost.StartPausedAsync(host);
        await ClusterHost.WorkingAsync(host, job.JobId, attempt: 1);

        await host.Client.CancelJobAsync(new CancelJobRequest { JobId = job.JobId });

        await Eventually.HoldsAsync(() => cluster.Jobs.IsEmpty && cluster.Secrets.IsEmpty);
        await Eventually.HoldsAsync(() => cluster.Workers.Values.All(worker => worker.HasExited));
    }

    [Fact]
    public async Task A_service_that_stops_leaves_the_worker_at_work_and_the_next_one_finishes_the_job()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        cluster.StartsWorkers = false;
        var first = await ClusterHost.StartAsync(cluster);
        var job = await first.StartJobAsync(Trips.Yaml(), first.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        var name = $"mlops-{job.JobId}-1";
        await Eventually.HoldsAsync(() => cluster.Jobs.TryGetValue(name, out var made) && made.Spec.Suspend == false);
        await first.DisposeAsync();
        Assert.True(cluster.Jobs.ContainsKey(name));

        // At the same address, as a service of the cluster has it, whichever pod stands behind it.
        await using var second = await ClusterHost.StartAsync(cluster, first);
        cluster.StartWorker(name);
        job = await second.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, "", 1), (job.State, job.Message, job.Attempt));
        Assert.Single(cluster.Jobs);
        Assert.Single(second.Neighbours.Registry.Versions);
    }

    [Fact]
    public async Task What_a_dead_service_left_half_made_is_removed()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        cluster.Jobs["mlops-gone-1"] = new V1Job
        {
            Metadata = new V1ObjectMeta { Name = "mlops-gone-1", Labels = ClusterHost.Labels("gone", "mlopslearn") },
            Spec = new V1JobSpec { Suspend = true },
        };
        cluster.Jobs["another-1"] = new V1Job
        {
            Metadata = new V1ObjectMeta { Name = "another-1", Labels = ClusterHost.Labels("gone", "another-installation") },
            Spec = new V1JobSpec(),
        };

        await using var host = await ClusterHost.StartAsync(cluster);

        await Eventually.HoldsAsync(() => !cluster.Jobs.ContainsKey("mlops-gone-1"));
        Assert.True(cluster.Jobs.ContainsKey("another-1"));
    }
}
