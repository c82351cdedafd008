using k8s.Models;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Tests.Fakes;

namespace MLOpsLearn.Training.Tests.KubernetesJobs;

/// <summary>Clusters that refuse, forget, evict, or don't answer.</summary>
public sealed class KubernetesFaultTests
{
    [Theory]
    [InlineData("POST jobs", 403)]
    [InlineData("POST secrets", 403)]
    [InlineData("PATCH jobs", 403)]
    [InlineData("POST jobs", 422)]
    public async Task A_refusal_fails_the_job_and_names_what_was_refused(string request, int status)
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        cluster.Fault = what => what == request ? status : null;
        await using var host = await ClusterHost.StartAsync(cluster);

        var job = await host.UntilEndedAsync((await ClusterHost.StartPausedAsync(host)).JobId);

        Assert.Equal((JobState.Failed, 1), (job.State, job.Attempt));
        Assert.Contains($"HTTP {status}: refused by the test", job.Message, StringComparison.Ordinal);
        Assert.Contains("namespace mlops", job.Message, StringComparison.Ordinal);
        Assert.Empty(cluster.Workers);
    }

    [Fact]
    public async Task A_start_whose_answers_are_lost_is_made_once()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        var lost = new HashSet<string> { "POST jobs", "POST secrets" };
        cluster.FaultsAfterwards = true;
        cluster.Fault = what => lost.Remove(what) ? 500 : null;
        await using var host = await ClusterHost.StartAsync(cluster);

        var job = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, "", 1), (job.State, job.Message, job.Attempt));
        Assert.Empty(lost);
        Assert.Single(cluster.Workers);
    }

    [Fact]
    public async Task A_job_of_the_same_name_from_another_database_makes_room()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        await using var host = await ClusterHost.StartAsync(cluster);
        // The API is away until the left-over is in its place: the job's id is known only then.
        var ready = false;
        cluster.Fault = _ => ready ? null : 503;
        var job = await host.StartJobAsync(Trips.Yaml(), host.Neighbours.UploadedInput("trips.parquet", Trips.File()));
        var name = $"mlops-{job.JobId}-1";
        cluster.Jobs[name] = new V1Job { Metadata = new V1ObjectMeta { Name = name, Uid = "old", Labels = ClusterHost.Labels("old", "mlopslearn") }, Spec = new V1JobSpec() };
        ready = true;

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 1), (job.State, job.Attempt));
        Assert.NotEqual("old", cluster.Jobs[name].Metadata.Uid);
    }

    [Fact]
    public async Task An_evicted_pod_costs_the_job_an_attempt_but_no_mark()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        cluster.StartsWorkers = false;
        await using var host = await ClusterHost.StartAsync(cluster);
        var job = await ClusterHost.StartPausedAsync(host);

        // More often than a worker may fail by itself.
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var name = $"mlops-{job.JobId}-{attempt}";
            await Eventually.HoldsAsync(() => cluster.Jobs.TryGetValue(name, out var made) && made.Spec.Suspend == false);
            cluster.StartsWorkers = attempt == 3;
            cluster.End(name, "Failed", "BackoffLimitExceeded", null, new V1PodStatus { Reason = "Evicted", Message = "The node was low on resource: memory." });
        }

        host.Neighbours.Monitoring.Pause!.SetResult();
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 4), (job.State, job.Attempt));
        Assert.Contains("(Evicted): The node was low on resource: memory.", job.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DeadlineExceeded", null, null, 1, "after its time limit of 21600 s")]
    [InlineData("BackoffLimitExceeded", "OOMKilled", null, 2, "took more memory than its container may")]
    [InlineData("BackoffLimitExceeded", "Error", "starting\nno space left on device\n   at Some.Method()\n", 2, "ended with code 137 before its work was done: no space left on device")]
    public async Task The_end_of_a_pod_is_told_in_the_job(string reason, string? container, string? log, int attempts, string message)
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        cluster.StartsWorkers = false;
        await using var host = await ClusterHost.StartAsync(cluster);
        var job = await ClusterHost.StartPausedAsync(host);
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var name = $"mlops-{job.JobId}-{attempt}";
            await Eventually.HoldsAsync(() => cluster.Jobs.TryGetValue(name, out var made) && made.Spec.Suspend == false);
            cluster.End(name, "Failed", reason, null, container is null ? null : new V1PodStatus
            {
                ContainerStatuses =
                [
                    new V1ContainerStatus
                    {
                        State = new V1ContainerState { Terminated = new V1ContainerStateTerminated { ExitCode = 137, Reason = container, Message = log } },
                    },
                ],
            });
        }

        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Failed, attempts), (job.State, job.Attempt));
        Assert.Contains(message, job.Message, StringComparison.Ordinal);
        Assert.Contains($"kubectl logs -n mlops job/mlops-{job.JobId}-{attempts}", job.Message, StringComparison.Ordinal);
        Assert.Equal(attempts, cluster.Jobs.Count);
    }

    [Fact]
    public async Task An_API_that_is_away_for_a_while_costs_nothing()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        var away = true;
        cluster.Fault = _ => away ? 503 : null;
        await using var host = await ClusterHost.StartAsync(cluster);
        var job = await ClusterHost.StartPausedAsync(host);
        await Eventually.HoldsAsync(() => cluster.Requests.Count(request => request == "POST jobs") >= 2);
        Assert.Empty(cluster.Jobs);

        away = false;
        await ClusterHost.WorkingAsync(host, job.JobId, attempt: 1);
        away = true;
        cluster.DropWatches();
        await Eventually.HoldsAsync(() => cluster.Requests.Last() == "GET jobs");
        host.Neighbours.Monitoring.Pause!.SetResult();
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, "", 1), (job.State, job.Message, job.Attempt));
    }

    [Fact]
    public async Task A_job_that_somebody_deletes_is_told_and_tried_once_more()
    {
        await using var cluster = await FakeKubernetes.StartAsync();
        await using var host = await ClusterHost.StartAsync(cluster);
        var job = await ClusterHost.StartPausedAsync(host);
        await ClusterHost.WorkingAsync(host, job.JobId, attempt: 1);

        using var client = new HttpClient();
        await client.DeleteAsync(new Uri($"{cluster.Address}/apis/batch/v1/namespaces/mlops/jobs/mlops-{job.JobId}-1"));
        await ClusterHost.WorkingAsync(host, job.JobId, attempt: 2);
        host.Neighbours.Monitoring.Pause!.SetResult();
        job = await host.UntilEndedAsync(job.JobId);

        Assert.Equal((JobState.Succeeded, 2), (job.State, job.Attempt));
        Assert.Contains("was deleted by somebody else", job.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_makes_no_job_stops_the_service_at_start_and_all_faults_are_named()
    {
        var fault = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => TrainingHost.StartAsync(settings:
        [
            ("Training:Executor", "Kubernetes"), ("Training:Kubernetes:Cpu", "much"), ("Training:Kubernetes:Instance", "-"), ("Training:Kubernetes:StartLimit", "00:00:01"),
        ]));

        Assert.Equal(4, fault.Failures.Count());
        Assert.Contains(fault.Failures, failure => failure.StartsWith("Training:Kubernetes:Image ", StringComparison.Ordinal));
    }
}
