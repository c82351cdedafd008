using Google.Protobuf;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Spooling;

/// <summary>
/// Brings a run's entries to the server in order: at once, or through the spool while the server is away. Each entry bears being sent twice, so
/// that an answer which got lost neither loses nor doubles anything. One thread delivers.
/// </summary>
internal sealed class RunDelivery(MLOpsLearnClient client, RunSpool spool, RunStart start, RunOptions options, TimeProvider time) : IDisposable
{
    private const int MostRefusals = 100;
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(30);
    private readonly Lock _refusalLock = new();
    private readonly List<string> _refusals = [];
    private RunStart _start = start;
    private long? _askedAt;

    public string? RunId => _start.RunId;

    /// <summary>Whether something still waits for the server.</summary>
    public bool IsWaiting => !spool.IsEmpty || RunId is null;

    /// <summary>Entries that came out of the spool so far.</summary>
    public int Replayed { get; private set; }

    /// <summary>A copy: whoever flushes reads it while others log on.</summary>
    public IReadOnlyList<string> Refusals
    {
        get
        {
            lock (_refusalLock)
            {
                return [.. _refusals];
            }
        }
    }

    /// <summary>Starts the run, or leaves its start in the spool when the server is away.</summary>
    /// <exception cref="Grpc.Core.RpcException">The server refused it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CreateAsync(isFirst: true, cancellationToken);
        }
        catch (Exception exception) when (SendOutcome.IsAway(exception))
        {
            _askedAt = time.GetTimestamp();
            spool.WriteStart(_start);
        }
    }

    /// <param name="entry">What to bring.</param>
    /// <param name="patience">Ends the waiting for room in a full spool, and nothing else.</param>
    public async Task DeliverAsync(SpoolEntry entry, CancellationToken patience)
    {
        if (!IsWaiting)
        {
            try
            {
                await SendOrRefuseAsync(entry, CancellationToken.None);
                return;
            }
            catch (Exception exception) when (SendOutcome.IsAway(exception))
            {
                _askedAt = time.GetTimestamp();
            }
        }

        if (!spool.Exists)
        {
            spool.WriteStart(_start);
        }

        // The end is small, and a run without one would look as if it were running.
        while (entry is not EndEntry && !spool.IsEmpty && spool.Size + entry.Size > options.SpoolBytes)
        {
            if (!await TryReplayAsync(CancellationToken.None))
            {
                await Task.Delay(options.RetryInterval, time, patience);
            }
        }

        spool.Append(entry);
        if (_askedAt is not { } asked || time.GetElapsedTime(asked) >= options.RetryInterval)
        {
            await TryReplayAsync(CancellationToken.None);
        }
    }

    /// <summary>Sends what the spool holds. Says whether it is empty now; a server that is away is no fault.</summary>
    public async Task<bool> TryReplayAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (RunId is null)
            {
                await CreateAsync(isFirst: false, cancellationToken);
            }

            while (!spool.IsEmpty)
            {
                if (TryPeek() is { } entry && await SendOrRefuseAsync(entry, cancellationToken))
                {
                    spool.Remove();
                    Replayed++;
                }
                else
                {
                    spool.SetAside();
                }
            }

            return true;
        }
        catch (Exception exception) when (SendOutcome.IsAway(exception))
        {
            _askedAt = time.GetTimestamp();
            return false;
        }
    }

    public void Dispose() => spool.Dispose();

    private async Task CreateAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var id = isFirst ? null : await FindAsync(cancellationToken);
        if (id is null)
        {
            var request = _start.Run.Clone();
            request.ExperimentId = await client.GetOrCreateExperimentAsync(_start.Experiment, Deadline(), cancellationToken);
            id = (await client.Tracking.CreateRunAsync(request, deadline: Deadline(), cancellationToken: cancellationToken)).RunId;
        }

        _start = _start with { RunId = id };
        if (spool.Exists)
        {
            spool.WriteStart(_start);
        }
    }

    // The server remembers request ids for a day only; the run itself bears its own for ever.
    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        var found = await client.Tracking.SearchRunsAsync(
            new SearchRunsRequest { Filter = $"tags.\"{MLOpsLearnClient.ClientRunTag}\" = '{_start.Run.RequestId}'", PageSize = 1 }, deadline: Deadline(), cancellationToken: cancellationToken);
        return found.Runs.FirstOrDefault()?.RunId;
    }

    private async Task<bool> SendOrRefuseAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(entry, cancellationToken);
            return true;
        }
        catch (Exception exception) when (SendOutcome.IsRefusal(exception))
        {
            if (entry is LogEntry { Batch: var batch } && LogBatches.Halves(batch) is { } halves)
            {
                // One bad value must not take the others with it.
                var first = await SendOrRefuseAsync(new LogEntry(halves.First), cancellationToken);
                return await SendOrRefuseAsync(new LogEntry(halves.Second), cancellationToken) && first;
            }

            Refuse($"{Describe(entry)}: {SendOutcome.Reason(exception)}");
            return false;
        }
    }

    // A disk may have lost what it said it had; one such entry must not keep the others.
    private SpoolEntry? TryPeek()
    {
        try
        {
            return spool.Peek();
        }
        catch (InvalidProtocolBufferException exception)
        {
            Refuse($"entry that can't be read: {exception.Message}");
            return null;
        }
    }

    private void Refuse(string refusal)
    {
        lock (_refusalLock)
        {
            if (_refusals.Count < MostRefusals)
            {
                _refusals.Add(refusal);
            }
        }
    }

    private async Task SendAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        switch (entry)
        {
            case LogEntry log:
                log.Batch.RunId = RunId;
                await client.Tracking.LogBatchAsync(log.Batch, deadline: Deadline(), cancellationToken: cancellationToken);
                break;
            case EndEntry end:
                end.Request.RunId = RunId;
                await client.Tracking.FinishRunAsync(end.Request, deadline: Deadline(), cancellationToken: cancellationToken);
                break;
            case FileEntry file:
                await client.UploadOnceAsync(RunId!, file.Path, file.Content, cancellationToken);
                break;
        }
    }

    private DateTime Deadline() => time.GetUtcNow().UtcDateTime + CallPatience;

    private static string Describe(SpoolEntry entry) => entry switch
    {
        LogEntry log => LogBatches.Describe(log.Batch),
        FileEntry file => $"artifact '{file.Path}'",
        _ => "end of the run",
    };
}
