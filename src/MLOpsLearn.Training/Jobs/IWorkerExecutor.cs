namespace MLOpsLearn.Training.Jobs;

/// <summary>Where the workers of attempts run: a child process of this service, or a job of a Kubernetes cluster.</summary>
internal interface IWorkerExecutor
{
    /// <summary>Whether a worker goes on, and reports to whichever replica answers, when the service that started it stops.</summary>
    bool WorkersOutliveService { get; }

    /// <summary>Starts the worker of an attempt; what hinders it later is told by the worker's end.</summary>
    /// <exception cref="FileNotFoundException">The worker's program isn't there.</exception>
    IRunningWorker Start(ClaimedJob claimed);

    /// <summary>Attempts that have left something behind, or still run.</summary>
    Task<IReadOnlyList<LeftAttempt>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Ends and removes what is left of an attempt; what can't be removed now is found again at the next start.</summary>
    Task RemoveAsync(LeftAttempt attempt, CancellationToken cancellationToken);
}

/// <summary>The worker of one attempt, as the service that started it sees it. Disposing ends one that does not outlive its service.</summary>
internal interface IRunningWorker : IAsyncDisposable
{
    /// <summary>Operating system's id on this machine; 0 when it runs elsewhere.</summary>
    int ProcessId { get; }

    /// <summary>Completes, never with a fault, when the worker is gone.</summary>
    Task Exited { get; }

    /// <summary>Most memory it has had so far, in bytes; 0 when that can't be seen from here.</summary>
    long PeakMemoryBytes { get; }

    /// <summary>Ends the worker, and waits until it is gone.</summary>
    Task StopAsync();

    /// <summary>How it ended. Call it when <see cref="Exited"/> is complete.</summary>
    Task<WorkerEnd> DescribeEndAsync();
}

/// <summary>What is left of an attempt.</summary>
/// <param name="Name">A folder, or the name of a job of the cluster.</param>
/// <param name="JobId">The training job that it belongs to.</param>
internal sealed record LeftAttempt(string Name, string JobId);

/// <summary>How a worker ended that brought no result.</summary>
/// <param name="Reason">For people.</param>
/// <param name="Kind">What follows.</param>
internal sealed record WorkerEnd(string Reason, WorkerEndKind Kind);

/// <summary>Who is to blame for the end of a worker.</summary>
internal enum WorkerEndKind
{
    /// <summary>The worker: it is started once more, then the job fails.</summary>
    Own,

    /// <summary>What it ran on: it is started again without a mark against it.</summary>
    Foreign,

    /// <summary>Starting it again can't help: the job fails.</summary>
    Final,
}
