using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Client.Logging;
using MLOpsLearn.Client.Spooling;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client;

/// <summary>
/// A run that is being logged. Values travel in batches behind the caller's back; <see cref="FlushAsync"/> waits for them. Dispose ends the run:
/// FINISHED after <see cref="Complete"/>, FAILED without, so that an exception which leaves the block fails the run. While the server is away
/// everything goes to a folder and follows later. Safe from many threads.
/// </summary>
public sealed partial class ActiveRun : IAsyncDisposable
{
    private const int MostKey = 250;
    private const int MostText = 8000;
    private readonly RunDelivery _delivery;
    private readonly RunWriter _writer;
    private readonly RunOptions _options;
    private readonly TimeProvider _time;
    private bool _isComplete;
    private int _isDisposed;

    internal ActiveRun(MLOpsLearnClient client, RunDelivery delivery, RunOptions options, TimeProvider time)
    {
        (Client, _delivery, _options, _time) = (client, delivery, options, time);
        _writer = new RunWriter(delivery, options.Capacity);
    }

    /// <summary>The client that started it.</summary>
    public MLOpsLearnClient Client { get; }

    /// <summary>32 hexadecimal digits; null as long as no server knows of the run.</summary>
    public string? RunId => _delivery.RunId;

    /// <summary>Whether something waits in the spool for a server that is away.</summary>
    public bool IsWaiting => _delivery.IsWaiting;

    /// <summary>Logs a value of a metric. Ends at once, unless more values wait than <see cref="RunOptions.Capacity"/> says.</summary>
    /// <param name="key">1 to 250 characters.</param>
    /// <param name="value">Any number, NaN and infinities too.</param>
    /// <param name="step">Position on the metric's axis, for example the epoch.</param>
    /// <param name="time">When it was measured; now by default. Kept to the millisecond.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">A key that no metric can have.</exception>
    public ValueTask LogMetricAsync(string key, double value, long step = 0, DateTimeOffset? time = null, CancellationToken cancellationToken = default)
    {
        Check(key, "");
        // The time is set here: a batch that is sent twice must be the same twice.
        var at = Timestamp.FromDateTimeOffset(time ?? _time.GetUtcNow());
        return _writer.AddAsync(new MetricItem(new Metric { Key = key, Value = value, Step = step, Time = at }), cancellationToken);
    }

    /// <summary>Logs a param; once logged it can't have another value.</summary>
    /// <param name="key">1 to 250 characters.</param>
    /// <param name="value">At most 8,000 characters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">A key or a value that no param can have.</exception>
    public ValueTask LogParamAsync(string key, string value, CancellationToken cancellationToken = default)
    {
        Check(key, value);
        return _writer.AddAsync(new TextItem(IsParam: true, key, value), cancellationToken);
    }

    /// <summary>Sets a tag; the last value holds.</summary>
    /// <param name="key">1 to 250 characters.</param>
    /// <param name="value">At most 8,000 characters.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ArgumentException">A key or a value that no tag can have.</exception>
    public ValueTask SetTagAsync(string key, string value, CancellationToken cancellationToken = default)
    {
        Check(key, value);
        return _writer.AddAsync(new TextItem(IsParam: false, key, value), cancellationToken);
    }

    /// <summary>Logs a file as an artifact of the run; ends when the server has it, or the spool a copy.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its path in the run, parts separated by "/"; the file's name by default.</param>
    /// <param name="cancellationToken">Ends the waiting, not an upload that has begun.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public async Task LogArtifactAsync(string file, string? path = null, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"There is no file '{file}'.", file);
        }

        // Here it is the caller's fault; in the writer it would be the end of the run.
        await using (new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read))
        {
        }

        await MarkAsync(new FileEntry(path ?? Path.GetFileName(file), file), cancellationToken);
    }

    /// <summary>Logs every file of a folder, and of the folders in it.</summary>
    /// <param name="folder">The folder; links in it are not followed.</param>
    /// <param name="path">Where they go in the run; its root by default.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public async Task LogArtifactsAsync(string folder, string path = "", CancellationToken cancellationToken = default)
    {
        var below = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        foreach (var file in Directory.EnumerateFiles(folder, "*", below))
        {
            var relative = Path.GetRelativePath(folder, file).Replace('\\', '/');
            await LogArtifactAsync(file, path.Length > 0 ? $"{path}/{relative}" : relative, cancellationToken);
        }
    }

    /// <summary>Waits until all that was logged so far is the server's, or lies in the spool.</summary>
    /// <exception cref="RunLogException">The server refused some of it; the rest is stored.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        await MarkAsync(null, cancellationToken);
        ThrowIfRefused();
    }

    /// <summary>The work succeeded: the run ends as FINISHED.</summary>
    public void Complete() => _isComplete = true;

    /// <summary>Delivers what is left and ends the run.</summary>
    /// <exception cref="RunLogException">
    /// Something could be kept nowhere: the server is away and the spool is full or can't be written. After <see cref="Complete"/> also: the server refused something.
    /// </exception>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        var end = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
        try
        {
            await _writer.CloseAsync(_options.ClosePatience);
            await _delivery.DeliverAsync(
                new EndEntry(new FinishRunRequest { Status = _isComplete ? RunStatus.Finished : RunStatus.Failed, EndTime = end }), CancellationToken.None);
            if (_delivery.IsWaiting)
            {
                await _delivery.TryReplayAsync(CancellationToken.None);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            throw new RunLogException($"Run {RunId ?? "(not started)"} could not be logged whole: the server is away, and the spool is full or can't be written.", [], exception);
        }
        finally
        {
            _delivery.Dispose();
        }

        if (_isComplete)
        {
            ThrowIfRefused();
        }
    }

    private async Task MarkAsync(FileEntry? file, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _writer.AddAsync(new MarkItem(file, done), cancellationToken);
        await done.Task.WaitAsync(cancellationToken);
    }

    private void ThrowIfRefused()
    {
        if (_delivery.Refusals is { Count: > 0 } refusals)
        {
            throw new RunLogException($"The server refused {refusals.Count} of what was logged, first: {refusals[0]}", refusals);
        }
    }

    private static void Check(string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        if (key.Length > MostKey || key.Any(char.IsControl))
        {
            throw new ArgumentException($"A key has at most {MostKey} characters and no control characters; this one has {key.Length}.", nameof(key));
        }

        if (value.Length > MostText)
        {
            throw new ArgumentException($"The value of '{key}' has {value.Length} characters; at most {MostText} are kept.", nameof(value));
        }
    }
}
