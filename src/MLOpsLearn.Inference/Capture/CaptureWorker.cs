using Google.Protobuf;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Inference.Capture;

/// <summary>
/// Sends what was served as events: batches are closed at 1,000 rows, when another version answers, or when they have waited long enough.
/// A bus that is away is tried again; meanwhile the buffer fills, and only what it can't hold is lost, and counted.
/// </summary>
internal sealed partial class CaptureWorker(CaptureBuffer buffer, IBus bus, IOptions<InferenceOptions> options, TimeProvider time, ILogger<CaptureWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, BatchBuilder> _open = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var registration = stoppingToken.Register(buffer.Complete);
        // What is in the buffer at the end is still sent, for as long as a shutdown may wait.
        using var patience = new CancellationTokenSource();
        using var atTheEnd = stoppingToken.Register(() => patience.CancelAfter(TimeSpan.FromSeconds(options.Value.CaptureFlushSeconds)));
        try
        {
            while (await buffer.Reader.WaitToReadAsync(patience.Token))
            {
                var openedAt = time.GetTimestamp();
                while (buffer.Reader.TryRead(out var request))
                {
                    await AddAsync(request, patience.Token);
                }

                await WaitForMoreAsync(openedAt, patience.Token);
            }

            await FlushAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Log.NotFlushed(logger, _open.Values.Sum(batch => batch.Rows));
        }
    }

    private async Task WaitForMoreAsync(long openedAt, CancellationToken cancellationToken)
    {
        var left = TimeSpan.FromMilliseconds(options.Value.CaptureDelayMilliseconds) - time.GetElapsedTime(openedAt);
        if (_open.Count == 0)
        {
            return;
        }

        using var delay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var more = buffer.Reader.WaitToReadAsync(delay.Token).AsTask();
        if (left <= TimeSpan.Zero || await Task.WhenAny(more, Task.Delay(left, time, delay.Token)) != more)
        {
            await FlushAsync(cancellationToken);
        }

        await delay.CancelAsync();
    }

    private async Task AddAsync(ServedRequest request, CancellationToken cancellationToken)
    {
        var shadows = ShadowScoring.Score(request);
        for (var start = 0; start < request.Count;)
        {
            if (!_open.TryGetValue(request.Endpoint.Name, out var batch) || batch.Endpoint != request.Endpoint || batch.Room == 0
                || (batch.Rows > 0 && request.Count - start >= BatchBuilder.MaxRows))
            {
                if (batch is not null)
                {
                    await PublishAsync(batch, cancellationToken);
                }

                _open[request.Endpoint.Name] = batch = new BatchBuilder(request.Endpoint);
            }

            var count = Math.Min(batch.Room, request.Count - start);
            batch.Add(request, start, count, shadows);
            start += count;
            if (batch.Room == 0)
            {
                _open.Remove(request.Endpoint.Name);
                await PublishAsync(batch, cancellationToken);
            }
        }
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in _open.Values.ToList())
        {
            _open.Remove(batch.Endpoint.Name);
            await PublishAsync(batch, cancellationToken);
        }
    }

    private async Task PublishAsync(BatchBuilder builder, CancellationToken cancellationToken)
    {
        if (builder.Rows == 0)
        {
            return;
        }

        var batch = builder.Build();
        var message = new PredictionsServed(Guid.Parse(batch.BatchId), batch.Workspace, batch.Endpoint, builder.Rows, batch.ToByteArray());
        while (true)
        {
            try
            {
                await bus.Publish(message, publish => publish.MessageId = message.BatchId, cancellationToken);
                buffer.Published(batch.Endpoint, builder.Rows);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.BusAway(logger, exception.Message);
                await Task.Delay(RetryDelay, time, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4301, LogLevel.Warning, "Served rows wait: the bus does not take them now ({Reason}).")]
        public static partial void BusAway(ILogger logger, string reason);

        [LoggerMessage(4302, LogLevel.Error, "{Rows} served rows were lost: the bus did not take them before the shutdown's end.")]
        public static partial void NotFlushed(ILogger logger, int rows);
    }
}
