using k8s;
using k8s.Autorest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>
/// Runs each worker as a job of a Kubernetes cluster. A worker outlives this service: it reports to whichever replica answers, its reports keep the
/// job's lease, and when it is done another replica takes the job up where it stands.
/// </summary>
internal sealed partial class KubernetesExecutor(
    IKubernetes client,
    WorkerSettings settings,
    IOptions<TrainingOptions> training,
    IOptions<KubernetesOptions> options,
    TimeProvider time,
    ILogger<KubernetesExecutor> logger)
    : IWorkerExecutor
{
    private const string AccountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    private readonly string _namespace = FindNamespace(options.Value);

    public bool WorkersOutliveService => true;

    public IRunningWorker Start(ClaimedJob claimed)
    {
        var job = JobManifest.Job(claimed, settings.For(claimed), training.Value, options.Value);
        return new KubernetesWorker(client, _namespace, claimed, job, training.Value, options.Value, time, logger);
    }

    public async Task<IReadOnlyList<LeftAttempt>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            var jobs = await client.BatchV1.ListNamespacedJobAsync(
                _namespace, labelSelector: JobManifest.Selector(options.Value.Instance), cancellationToken: cancellationToken);
            // Those that ended stay for their logs until the cluster removes them.
            return
            [
                .. jobs.Items.Where(job => !PodEnd.HasEnded(job) && job.Metadata.Labels?.ContainsKey(JobManifest.JobLabel) == true)
                    .Select(job => new LeftAttempt(job.Metadata.Name, job.Metadata.Labels[JobManifest.JobLabel])),
            ];
        }
        catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, cancellationToken))
        {
            Log.NotListed(logger, _namespace, ApiFaults.Explain(exception));
            return [];
        }
    }

    public async Task RemoveAsync(LeftAttempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            await client.BatchV1.DeleteNamespacedJobAsync(attempt.Name, _namespace, propagationPolicy: "Background", cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
        }
        catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, cancellationToken))
        {
            Log.NotRemoved(logger, attempt.Name, ApiFaults.Explain(exception));
        }
    }

    private static string FindNamespace(KubernetesOptions options) =>
        options.Namespace.Length > 0 ? options.Namespace
        : File.Exists(AccountNamespaceFile) ? File.ReadAllText(AccountNamespaceFile).Trim()
        : "default";

    private static partial class Log
    {
        [LoggerMessage(4141, LogLevel.Warning, "Jobs left in namespace {Namespace} could not be listed: {Reason}")]
        public static partial void NotListed(ILogger logger, string @namespace, string reason);

        [LoggerMessage(4142, LogLevel.Warning, "Kubernetes job {Name} could not be removed: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string name, string reason);
    }
}
