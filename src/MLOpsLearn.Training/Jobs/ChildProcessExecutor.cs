using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Runs each worker as a child process in a private folder.</summary>
internal sealed class ChildProcessExecutor(
    WorkFolders folders, WorkerSettings settings, StandbyWorker standby, IOptions<TrainingOptions> options, ILogger<ChildProcessExecutor> logger) : IWorkerExecutor
{
    public bool WorkersOutliveService => false;

    public IRunningWorker Start(ClaimedJob claimed)
    {
        var program = options.Value.WorkerPath;
        if (!File.Exists(program))
        {
            throw new FileNotFoundException($"The training worker '{program}' is missing; install it beside the service or set Training:WorkerPath.", program);
        }

        var environment = new Dictionary<string, string>(settings.For(claimed)) { [WorkerSettings.TokenVariable] = claimed.Token };
        var worker = standby.TryTake(environment)
            ?? WorkerProcess.Start(program, folders, folders.Create(claimed.Job), options.Value.MemoryLimitBytes, environment, logger);
        _ = standby.PrepareAfterAsync(worker.Exited);
        return worker;
    }

    public Task<IReadOnlyList<LeftAttempt>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(folders.List());

    public Task RemoveAsync(LeftAttempt attempt, CancellationToken cancellationToken)
    {
        folders.Delete(attempt.Name);
        return Task.CompletedTask;
    }
}
