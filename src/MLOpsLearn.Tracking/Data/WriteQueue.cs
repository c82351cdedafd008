using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Tracking.Data;

/// <summary>
/// The one writer of the hot paths. What has come in meanwhile is written in one transaction, so that a hundred clients cost one commit;
/// nobody is answered before it. A single client waits for nothing but its own commit.
/// </summary>
internal sealed partial class WriteQueue(TrackingDatabase database, ILogger<WriteQueue> logger) : BackgroundService
{
    private const int MostWaiting = 4096;
    private const int MostInOneTransaction = 256;

    private readonly Channel<PendingWrite> _queue = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

    // Whoever holds it writes.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private SqlSession? _session;
    private volatile bool _isStopping;

    /// <summary>
    /// Runs a piece of writing and answers when it is committed. All of it holds or nothing. It may be run twice when another one of the same
    /// transaction fails, so it must change nothing but the database.
    /// </summary>
    public Task<T> RunAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken) =>
        RunAsync(new WorkWrite<T>(work, cancellationToken), cancellationToken);

    /// <inheritdoc cref="RunAsync{T}(Func{SqlSession, ValueTask{T}}, CancellationToken)"/>
    public async Task<T> RunAsync<T>(PendingWrite<T> pending, CancellationToken cancellationToken)
    {
        // Nobody else is waiting: written here and now, without the way to the writer and back, which would cost more than the writing.
        if (!_isStopping && _queue.Reader.Count == 0 && _gate.Wait(0, CancellationToken.None))
        {
            try
            {
                await WriteAsync([pending]);
            }
            finally
            {
                _gate.Release();
            }

            return await pending.Result;
        }

        await _queue.Writer.WriteAsync(pending, cancellationToken);
        return await pending.Result;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // What is in the queue is still written; what comes later is refused.
        _isStopping = true;
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
        {
            await running.WaitAsync(cancellationToken);
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<PendingWrite>(MostInOneTransaction);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await _gate.WaitAsync(CancellationToken.None);
            try
            {
                while (group.Count < MostInOneTransaction && _queue.Reader.TryRead(out var next))
                {
                    if (!next.IsAbandoned)
                    {
                        group.Add(next);
                    }
                }

                await WriteAsync(group);
            }
            finally
            {
                _gate.Release();
            }

            group.Clear();
        }

        await CloseAsync();
    }

    private async Task WriteAsync(List<PendingWrite> group)
    {
        if (group.Count == 0)
        {
            return;
        }

        try
        {
            var session = _session ??= await database.OpenAsync(CancellationToken.None);
            if (!await TryTogetherAsync(session, group))
            {
                Exception? lost = null;
                foreach (var write in group)
                {
                    if (lost is null)
                    {
                        lost = await AloneAsync(session, write);
                    }
                    else
                    {
                        write.Fail(lost);
                    }
                }
            }

            if (session.IsBroken)
            {
                await CloseAsync();
            }
        }
        catch (Exception exception)
        {
            // The connection itself is lost: the next group opens a new one.
            Log.ConnectionLost(logger, exception);
            foreach (var write in group)
            {
                write.Fail(exception);
            }

            await CloseAsync();
        }
    }

    private async Task CloseAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            await session.DisposeAsync();
        }
    }

    /// <summary>False when one of them spoiled the transaction: then none is written, and each must be run by itself.</summary>
    private static async Task<bool> TryTogetherAsync(SqlSession session, List<PendingWrite> group)
    {
        await session.BeginAsync();
        try
        {
            foreach (var write in group.Where(write => write.Merger is null))
            {
                session.HasWritten = false;
                try
                {
                    await write.RunAsync(session);
                }
                catch (Exception exception) when (!session.HasWritten && exception is not System.Data.Common.DbException)
                {
                    // Refused before it changed anything; the others are not touched.
                    write.Fail(exception);
                }
            }

            foreach (var merged in group.Where(write => write.Merger is not null).GroupBy(write => write.Merger!))
            {
                await merged.Key.RunAsync(session, [.. merged]);
            }

            await session.CommitAsync();
        }
        catch (Exception exception)
        {
            await session.RollBackAsync();
            return FailedWhole(session, group, exception);
        }

        foreach (var write in group)
        {
            write.Succeed();
        }

        return true;
    }

    /// <summary>With a connection that broke, or with one write only, there is nothing to be found out by running each by itself.</summary>
    private static bool FailedWhole(SqlSession session, List<PendingWrite> group, Exception cause)
    {
        if (group.Count > 1 && !session.IsLost)
        {
            return false;
        }

        foreach (var write in group.Where(write => !write.IsDone))
        {
            write.Fail(cause);
        }

        return true;
    }

    /// <summary>Gives what broke the connection, if that happened.</summary>
    private static async Task<Exception?> AloneAsync(SqlSession session, PendingWrite write)
    {
        if (write.IsDone)
        {
            return null;
        }

        try
        {
            await session.BeginAsync();
            await write.RunAsync(session);
            await session.CommitAsync();
        }
        catch (Exception exception)
        {
            await session.RollBackAsync();
            write.Fail(exception);
            return session.IsLost ? exception : null;
        }

        write.Succeed();
        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Error, "The connection of the writer failed; the writes under way were refused.")]
        public static partial void ConnectionLost(ILogger logger, Exception exception);
    }
}
