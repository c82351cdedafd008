using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Training.Jobs;

/// <summary>
/// One worker that is started before there is a job for it, goes through a rehearsal and waits: the job that an alert starts then finds a process
/// whose libraries are loaded and whose code is compiled. There is none before the first job, so that a service that trains nothing pays nothing.
/// </summary>
internal sealed partial class StandbyWorker(
    WorkFolders folders, WorkerSettings settings, IOptions<TrainingOptions> options, TimeProvider time, ILogger<StandbyWorker> logger) : IAsyncDisposable
{
    private const string Argument = "--standby";

    /// <summary>What follows a training, registration and deployment, goes first.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private WorkerProcess? _waiting;
    private bool _isDue;

    /// <summary>Gives the job to the worker that waits; null when there is none.</summary>
    /// <param name="variables">What a worker of the job would be started with.</param>
    public WorkerProcess? TryTake(IReadOnlyDictionary<string, string> variables)
    {
        WorkerProcess? worker;
        lock (_lock)
        {
            (worker, _waiting) = (_waiting, null);
        }

        if (worker is null || (!worker.Exited.IsCompleted && worker.TryTell(JsonSerializer.Serialize(variables, TrainingJsonContext.Default.IReadOnlyDictionaryStringString))))
        {
            return worker;
        }

        // It is gone: what is left to do is to remove its folder.
        _ = worker.DisposeAsync().AsTask();
        return null;
    }

    /// <summary>Starts the next one a moment after the worker that runs now is gone.</summary>
    public async Task PrepareAfterAsync(Task running)
    {
        lock (_lock)
        {
            if (_isDue || !options.Value.Standby)
            {
                return;
            }

            _isDue = true;
        }

        try
        {
            await running;
            await Task.Delay(Pause, time, _stop.Token);
            lock (_lock)
            {
                _isDue = false;
                if (_waiting is null && !_stop.IsCancellationRequested)
                {
                    _waiting = WorkerProcess.Start(
                        options.Value.WorkerPath, folders, folders.CreateStandby(), options.Value.MemoryLimitBytes, settings.Common(), logger, Argument);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            // The next job starts its own, and tells what is wrong when that fails, too.
            Log.NotPrepared(logger, exception.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        WorkerProcess? worker;
        lock (_lock)
        {
            (worker, _waiting) = (_waiting, null);
        }

        if (worker is not null)
        {
            await worker.DisposeAsync();
        }

        _stop.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(4141, LogLevel.Warning, "No worker could be started ahead of the next job: {Reason}")]
        public static partial void NotPrepared(ILogger logger, string reason);
    }
}
