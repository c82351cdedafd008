using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>One attempt's job in the cluster: made, followed until it ends, deleted when it must go. An API that is away is waited for.</summary>
internal sealed partial class KubernetesWorker : IRunningWorker
{
    private const int WatchSeconds = 30;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>How long a deletion is tried; after that the job's own deadline and its worthless token end the worker.</summary>
    private static readonly TimeSpan DeletePatience = TimeSpan.FromSeconds(20);

    private readonly IKubernetes _client;
    private readonly string _namespace;
    private readonly ClaimedJob _claimed;
    private readonly TrainingOptions _training;
    private readonly KubernetesOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _let = new();
    private readonly V1Job _wanted;
    private V1Job _job;
    private WorkerEnd? _end;

    public KubernetesWorker(
        IKubernetes client, string @namespace, ClaimedJob claimed, V1Job job, TrainingOptions training, KubernetesOptions options, TimeProvider time, ILogger logger)
    {
        (_client, _namespace, _claimed, _wanted, _training, _options, _time, _logger) = (client, @namespace, claimed, job, training, options, time, logger);
        _job = _wanted;
        Exited = RunAsync(_let.Token);
    }

    public int ProcessId => 0;

    public Task Exited { get; }

    public long PeakMemoryBytes => 0;

    private string Name => _wanted.Metadata.Name;

    public async Task StopAsync()
    {
        await _let.CancelAsync();
        await Exited;
        if (PodEnd.HasEnded(_job))
        {
            // It stays for its log, until the cluster removes it.
            return;
        }

        var started = _time.GetTimestamp();
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                await _client.BatchV1.DeleteNamespacedJobAsync(Name, _namespace, propagationPolicy: "Background");
                return;
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
            {
                return;
            }
            catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, CancellationToken.None))
            {
                if (_time.GetElapsedTime(started) > DeletePatience)
                {
                    Log.NotDeleted(_logger, Name, ApiFaults.Explain(exception));
                    return;
                }

                await Task.Delay(pause, _time);
            }
        }
    }

    public async Task<WorkerEnd> DescribeEndAsync()
    {
        var end = _end ?? PodEnd.Describe(_job, await FindPodAsync(CancellationToken.None), _training.MemoryLimitBytes);
        return end with { Reason = $"{end.Reason} (log: kubectl logs -n {_namespace} job/{Name})" };
    }

    public async ValueTask DisposeAsync()
    {
        await _let.CancelAsync();
        await Exited;
        _let.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        // The caller goes on at once: what hinders the start is told by the end.
        await Task.Yield();
        try
        {
            if (await StartAsync(cancellationToken))
            {
                Log.Started(_logger, _claimed.Job.Id, _namespace, Name);
                await FollowAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                _job = await CreateAsync(cancellationToken);
                await IgnoreConflictAsync(_client.CoreV1.CreateNamespacedSecretAsync(
                    JobManifest.Secret(_claimed, _job, _options), _namespace, cancellationToken: cancellationToken));
                _job = await _client.BatchV1.PatchNamespacedJobAsync(
                    new V1Patch(JobManifest.Resume, V1Patch.PatchType.MergePatch), Name, _namespace, cancellationToken: cancellationToken);
                return true;
            }
            catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, cancellationToken))
            {
                if (ApiFaults.IsRefusal(exception))
                {
                    _end = new WorkerEnd($"Kubernetes refused job {Name} in namespace {_namespace}: {ApiFaults.Explain(exception)}", WorkerEndKind.Final);
                    return false;
                }

                if (_time.GetElapsedTime(started) > _options.StartLimit)
                {
                    _end = new WorkerEnd($"Kubernetes job {Name} could not be started for {_options.StartLimit}: {ApiFaults.Explain(exception)}", WorkerEndKind.Foreign);
                    return false;
                }

                Log.ApiAway(_logger, Name, ApiFaults.Explain(exception));
            }

            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    /// <summary>Makes the job, or finds it made when an answer to an earlier try was lost.</summary>
    private async Task<V1Job> CreateAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.BatchV1.CreateNamespacedJobAsync(_wanted, _namespace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Conflict)
        {
            var present = await _client.BatchV1.ReadNamespacedJobAsync(Name, _namespace, cancellationToken: cancellationToken);
            if (JobManifest.IsOf(present, _claimed))
            {
                return present;
            }

            await _client.BatchV1.DeleteNamespacedJobAsync(Name, _namespace, propagationPolicy: "Background", cancellationToken: cancellationToken);
            throw new IOException("A job of this name that is not this attempt's was there; it is removed and made anew.", exception);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var resumed = _time.GetTimestamp();
        var hasStarted = false;
        for (var pause = FirstPause; ;)
        {
            try
            {
                _job = await _client.BatchV1.ReadNamespacedJobAsync(Name, _namespace, cancellationToken: cancellationToken);
                pause = FirstPause;
                hasStarted |= _job.Status?.Ready > 0;
                if (PodEnd.HasEnded(_job) || await IsStuckAsync(hasStarted, resumed, cancellationToken) || await WatchAsync(hasStarted, cancellationToken))
                {
                    return;
                }
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
            {
                _end = new WorkerEnd($"Kubernetes job {Name} was deleted by somebody else", WorkerEndKind.Own);
                return;
            }
            catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, cancellationToken))
            {
                // The worker may well go on, and reports by itself: its job is not given up for an API that is away.
                Log.ApiAway(_logger, Name, ApiFaults.Explain(exception));
                await Task.Delay(pause, _time, cancellationToken);
                pause = Longer(pause);
            }
        }
    }

    /// <summary>Follows the job for a while; true when it ended.</summary>
    private async Task<bool> WatchAsync(bool hasStarted, CancellationToken cancellationToken)
    {
        var seconds = hasStarted ? WatchSeconds : Math.Clamp((int)(_options.StartLimit.TotalSeconds / 2), 1, WatchSeconds);
        // A connection that died without a word must not hold up the next look.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 10), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await foreach (var (type, job) in _client.BatchV1.WatchListNamespacedJobAsync(
            _namespace,
            fieldSelector: $"metadata.name={Name}",
            resourceVersion: _job.Metadata.ResourceVersion,
            timeoutSeconds: seconds,
            cancellationToken: either.Token))
        {
            if (type == WatchEventType.Deleted)
            {
                return false;
            }

            _job = job;
            if (PodEnd.HasEnded(job))
            {
                return true;
            }

            if (!hasStarted && job.Status?.Ready > 0)
            {
                return false;
            }
        }

        // A watch that is ended at once, again and again, must not become a flood of questions.
        await Task.Delay(FirstPause, _time, cancellationToken);
        return false;
    }

    private async Task<bool> IsStuckAsync(bool hasStarted, long resumed, CancellationToken cancellationToken)
    {
        if (hasStarted || _time.GetElapsedTime(resumed) < _options.StartLimit)
        {
            return false;
        }

        var why = PodEnd.DescribeWaiting(await FindPodAsync(cancellationToken));
        _end = new WorkerEnd($"the pod of Kubernetes job {Name} did not start within {_options.StartLimit}: {why}", WorkerEndKind.Foreign);
        return true;
    }

    private async Task<V1Pod?> FindPodAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pods = await _client.CoreV1.ListNamespacedPodAsync(
                _namespace, labelSelector: $"batch.kubernetes.io/job-name={Name}", cancellationToken: cancellationToken);
            return pods.Items.OrderByDescending(pod => pod.Metadata.CreationTimestamp).FirstOrDefault();
        }
        catch (Exception exception) when (ApiFaults.IsOfTheApi(exception, cancellationToken))
        {
            Log.ApiAway(_logger, Name, ApiFaults.Explain(exception));
            return null;
        }
    }

    private static async Task IgnoreConflictAsync(Task creation)
    {
        try
        {
            await creation;
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Conflict)
        {
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private static partial class Log
    {
        [LoggerMessage(4151, LogLevel.Information, "Training job {JobId} runs as Kubernetes job {Namespace}/{Name}.")]
        public static partial void Started(ILogger logger, string jobId, string @namespace, string name);

        [LoggerMessage(4152, LogLevel.Warning, "The Kubernetes API did not answer about job {Name}; it is asked again. {Reason}")]
        public static partial void ApiAway(ILogger logger, string name, string reason);

        [LoggerMessage(4153, LogLevel.Warning, "Kubernetes job {Name} could not be deleted; its deadline and its token, which is worth nothing now, end it. {Reason}")]
        public static partial void NotDeleted(ILogger logger, string name, string reason);
    }
}
