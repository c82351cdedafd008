using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Inference.Capture;

/// <summary>
/// Gives closed batches to the bus, several at once because each waits for the broker's confirmation, and again until it is taken. What waits here is
/// small: a row of a batch costs its bytes, while the request that it came from would keep all its objects alive.
/// </summary>
internal sealed partial class BatchPublisher(CaptureBuffer buffer, IBus bus, BusGate gate, TimeProvider time, ILogger<BatchPublisher> logger) : IDisposable
{
    private const int MostUnderWay = 16;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly Channel<PredictionsServed> _closed = Channel.CreateUnbounded<PredictionsServed>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _waiting = new();
    private readonly SemaphoreSlim _room = new(MostUnderWay, MostUnderWay);

    /// <summary>Since when the oldest batch waits for the bus; null when none does.</summary>
    public DateTimeOffset? OldestSince => _waiting.IsEmpty ? null : _waiting.Values.DefaultIfEmpty(time.GetUtcNow()).Min();

    /// <summary>The buffer's limit of rows is the limit here as well.</summary>
    public void Add(PredictionsServed batch)
    {
        _waiting[batch.BatchId] = time.GetUtcNow();
        _closed.Writer.TryWrite(batch);
    }

    /// <summary>Says that no batch comes any more.</summary>
    public void Complete() => _closed.Writer.Complete();

    /// <summary>Publishes in the order of adding until <see cref="Complete"/>; what has not left when <paramref name="giveUp"/> is cancelled is counted as lost.</summary>
    public async Task RunAsync(CancellationToken giveUp)
    {
        try
        {
            await foreach (var batch in _closed.Reader.ReadAllAsync(giveUp))
            {
                await _room.WaitAsync(CancellationToken.None);
                _ = PublishAsync(batch, giveUp);
            }
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            while (_closed.Reader.TryRead(out var left))
            {
                GiveUp(left);
            }
        }

        // When all the room is back, all that were under way have ended.
        for (var i = 0; i < MostUnderWay; i++)
        {
            await _room.WaitAsync(CancellationToken.None);
        }
    }

    public void Dispose() => _room.Dispose();

    /// <summary>Never fails: it is published, or counted as lost.</summary>
    private async Task PublishAsync(PredictionsServed batch, CancellationToken giveUp)
    {
        try
        {
            for (var pause = FirstPause; !await TryPublishAsync(batch, giveUp); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                await Task.Delay(pause, time, giveUp);
            }

            _waiting.TryRemove(batch.BatchId, out _);
            buffer.Published(batch.Endpoint, batch.Rows);
        }
        catch (OperationCanceledException)
        {
            GiveUp(batch);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<bool> TryPublishAsync(PredictionsServed batch, CancellationToken giveUp)
    {
        try
        {
            await gate.WaitAsync(giveUp);
            await Confirmation.AwaitAsync(token => bus.PublishRowsAsync(batch, token), time, giveUp);
            return true;
        }
        catch (Exception exception) when (!giveUp.IsCancellationRequested)
        {
            Log.NotPublished(logger, batch.Rows, batch.Endpoint, exception.Message);
            return false;
        }
    }

    private void GiveUp(PredictionsServed batch)
    {
        _waiting.TryRemove(batch.BatchId, out _);
        Log.LeftBehind(logger, batch.Rows, batch.Endpoint);
        buffer.GaveUp(batch.Endpoint, batch.Rows);
    }

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Warning, "{Rows} served rows of {Endpoint} wait, for the bus did not take them: {Cause}")]
        public static partial void NotPublished(ILogger logger, int rows, string endpoint, string cause);

        [LoggerMessage(4302, LogLevel.Error, "{Rows} served rows of {Endpoint} are lost, for the bus did not take them before the shutdown.")]
        public static partial void LeftBehind(ILogger logger, int rows, string endpoint);
    }
}
