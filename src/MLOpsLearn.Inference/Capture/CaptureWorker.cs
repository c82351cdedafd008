using Google.Protobuf;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Inference.Endpoints;

namespace MLOpsLearn.Inference.Capture;

/// <summary>
/// Gathers served rows into batches for the bus: at 1,000 rows, 256 KiB, or after a short wait. A bus that does not take them
/// fills the buffer, never the answers. Rows are not in an outbox: writing each one to the database first would cost more than serving it.
/// </summary>
internal sealed partial class CaptureWorker(
    CaptureBuffer buffer, BatchPublisher publisher, IOptions<InferenceOptions> options, TimeProvider time, ILogger<CaptureWorker> logger) : BackgroundService
{
    private readonly Dictionary<EndpointSnapshot, OpenBatch> _open = [];
    private Task<bool>? _arrival;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var giveUp = new CancellationTokenSource();
        var publishing = publisher.RunAsync(giveUp.Token);
        try
        {
            while (true)
            {
                await WaitAsync(stoppingToken);
                while (buffer.Reader.TryRead(out var served))
                {
                    Take(served);
                    CloseDue();
                }

                CloseDue();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            CloseAll();
            publisher.Complete();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.CaptureFlushSeconds), time);
            await using var atLimit = limit.Token.Register(giveUp.Cancel);
            await publishing;
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

    private void CloseAll()
    {
        while (buffer.Reader.TryRead(out var served))
        {
            Take(served);
        }

        foreach (var batch in _open.Values.ToList())
        {
            Close(batch);
        }
    }

    private void Close(OpenBatch batch)
    {
        _open.Remove(batch.Endpoint);
        try
        {
            var id = Guid.CreateVersion7();
            var written = BatchWriter.Write(batch, id);
            written.LostRows = buffer.TakeUnreportedLoss(batch.Endpoint.Name);
            publisher.Add(new PredictionsServed(id, batch.Endpoint.Workspace, batch.Endpoint.Name, batch.Rows, written.ToByteArray()));
        }
        catch (Exception exception)
        {
            Log.NotWritten(logger, batch.Rows, batch.Endpoint.Name, exception);
            buffer.GaveUp(batch.Endpoint.Name, batch.Rows);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4303, LogLevel.Error, "{Rows} served rows of {Endpoint} could not be written down and are lost.")]
        public static partial void NotWritten(ILogger logger, int rows, string endpoint, Exception exception);
    }
}
