using Google.Protobuf;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Inference.Capture;

/// <summary>
/// Gathers served rows into batches and gives them to the bus: at 1,000 rows, 256 KiB, or after a short wait. A bus that does not take them
/// fills the buffer, never the answers. Rows are not in an outbox: writing each one to the database first would cost more than serving it.
/// </summary>
internal sealed partial class CaptureWorker(
    CaptureBuffer buffer, IBus bus, BusGate gate, IOptions<InferenceOptions> options, TimeProvider time, ILogger<CaptureWorker> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private readonly Dictionary<EndpointSnapshot, OpenBatch> _open = [];
    private readonly Queue<OpenBatch> _closed = [];
    private Task<bool>? _arrival;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await WaitAsync(stoppingToken);
                while (buffer.Reader.TryRead(out var served))
                {
                    Take(served);
                    CloseDue();
                    await PublishClosedAsync(stoppingToken);
                }

                CloseDue();
                await PublishClosedAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FlushAsync();
        }
    }

    /// <summary>Until a request comes, or an open batch is due.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        _arrival ??= buffer.Reader.WaitToReadAsync(cancellationToken).AsTask();
        if (_open.Count > 0)
        {
            using var arrived = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var left = _open.Values.Min(batch => batch.OpenedAt) + Delay - time.GetUtcNow();
            await Task.WhenAny(_arrival, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, arrived.Token));
            await arrived.CancelAsync();
        }
        else
        {
            await _arrival;
        }

        if (_arrival.IsCompleted)
        {
            await _arrival;
            _arrival = null;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private TimeSpan Delay => TimeSpan.FromMilliseconds(options.Value.CaptureDelayMilliseconds);

    private void Take(ServedRequest served)
    {
        for (var start = 0; start < served.Rows;)
        {
            if (!_open.TryGetValue(served.Endpoint, out var batch))
            {
                batch = new OpenBatch(served.Endpoint, time.GetUtcNow());
                _open.Add(served.Endpoint, batch);
            }

            start += batch.Take(served, start);
            if (batch.IsFull)
            {
                Close(batch);
            }
        }
    }

    private void CloseDue()
    {
        if (_open.Count == 0)
        {
            return;
        }

        var due = time.GetUtcNow() - Delay;
        foreach (var batch in _open.Values.Where(batch => batch.OpenedAt <= due).ToList())
        {
            Close(batch);
        }
    }

    private void Close(OpenBatch batch)
    {
        _open.Remove(batch.Endpoint);
        _closed.Enqueue(batch);
    }

    private async Task PublishClosedAsync(CancellationToken cancellationToken)
    {
        while (_closed.TryPeek(out var batch))
        {
            // Stays in the queue until it is gone: a shutdown in between finds it there.
            await PublishAsync(batch, cancellationToken);
            _closed.Dequeue();
        }
    }

    private async Task PublishAsync(OpenBatch batch, CancellationToken cancellationToken)
    {
        PredictionsServed message;
        try
        {
            var id = Guid.CreateVersion7();
            message = new PredictionsServed(id, batch.Endpoint.Workspace, batch.Endpoint.Name, batch.Rows, BatchWriter.Write(batch, id).ToByteArray());
        }
        catch (Exception exception)
        {
            Log.NotWritten(logger, batch.Rows, batch.Endpoint.Name, exception);
            buffer.GaveUp(batch.Endpoint.Name, batch.Rows);
            return;
        }

        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await gate.WaitAsync(cancellationToken);
                await bus.Publish(message, context => context.MessageId = message.BatchId, cancellationToken);
                buffer.Published(batch.Endpoint.Name, batch.Rows);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                Log.NotPublished(logger, batch.Rows, batch.Endpoint.Name, exception.Message);
                await Task.Delay(pause, time, cancellationToken);
            }
        }
    }

    private async Task FlushAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.CaptureFlushSeconds), time);
        while (buffer.Reader.TryRead(out var served))
        {
            Take(served);
        }

        foreach (var batch in _open.Values.ToList())
        {
            Close(batch);
        }

        try
        {
            await PublishClosedAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Log.LeftBehind(logger, _closed.Sum(batch => batch.Rows));
            foreach (var batch in _closed)
            {
                buffer.GaveUp(batch.Endpoint.Name, batch.Rows);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Warning, "{Rows} served rows of {Endpoint} wait, for the bus did not take them: {Cause}")]
        public static partial void NotPublished(ILogger logger, int rows, string endpoint, string cause);

        [LoggerMessage(4303, LogLevel.Error, "{Rows} served rows of {Endpoint} could not be written down and are lost.")]
        public static partial void NotWritten(ILogger logger, int rows, string endpoint, Exception exception);

        [LoggerMessage(4302, LogLevel.Error, "{Rows} served rows are lost, for the bus did not take them before the shutdown.")]
        public static partial void LeftBehind(ILogger logger, int rows);
    }
}
