using System.Threading.Channels;
using MLOpsLearn.Client.Spooling;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Logging;

/// <summary>
/// Takes what is logged from memory and delivers it in batches: while one call is on its way, the next batch fills. The channel between is
/// bounded; who logs faster than the server takes waits.
/// </summary>
internal sealed class RunWriter
{
    private readonly Channel<LogItem> _items;
    private readonly RunDelivery _delivery;
    private readonly Task _writing;
    private readonly CancellationTokenSource _closing = new();

    public RunWriter(RunDelivery delivery, int capacity)
    {
        _delivery = delivery;
        _items = Channel.CreateBounded<LogItem>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _writing = Task.Run(WriteAsync);
    }

    /// <exception cref="RunLogException">The writer ended by a fault, for example of the disk that has the spool.</exception>
    /// <exception cref="ObjectDisposedException">The run has ended.</exception>
    public ValueTask AddAsync(LogItem item, CancellationToken cancellationToken) =>
        _items.Writer.TryWrite(item) ? ValueTask.CompletedTask : WaitAsync(item, cancellationToken);

    /// <summary>Delivers the rest, then ends. After <paramref name="patience"/> a full spool is no longer waited for.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        _items.Writer.TryComplete();
        _closing.CancelAfter(patience);
        await _writing;
        _closing.Dispose();
    }

    private async ValueTask WaitAsync(LogItem item, CancellationToken cancellationToken)
    {
        try
        {
            await _items.Writer.WriteAsync(item, cancellationToken);
        }
        catch (ChannelClosedException exception) when (exception.InnerException is { } fault)
        {
            throw new RunLogException($"The run can't be logged any more: {fault.Message}", [], fault);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ActiveRun), "The run has ended.");
        }
    }

    private async Task WriteAsync()
    {
        TaskCompletionSource? mark = null;
        try
        {
            var batch = new LogBatchRequest();
            while (await _items.Reader.WaitToReadAsync())
            {
                while (_items.Reader.TryRead(out var item))
                {
                    if (item is MarkItem { File: var file, Done: var done })
                    {
                        mark = done;
                        batch = await SendAsync(batch);
                        if (file is not null)
                        {
                            await _delivery.DeliverAsync(file, _closing.Token);
                        }

                        done.SetResult();
                        mark = null;
                    }
                    else if (!TryAdd(batch, item))
                    {
                        batch = await SendAsync(batch);
                        TryAdd(batch, item);
                    }
                }

                batch = await SendAsync(batch);
            }
        }
        catch (Exception exception)
        {
            // Whoever waits has to learn of it, and so has whoever logs from now on, and the end of the run.
            _items.Writer.TryComplete(exception);
            mark?.TrySetException(exception);
            while (_items.Reader.TryRead(out var item))
            {
                (item as MarkItem)?.Done.TrySetException(exception);
            }

            throw;
        }
    }

    private async Task<LogBatchRequest> SendAsync(LogBatchRequest batch)
    {
        if (LogBatches.IsEmpty(batch))
        {
            return batch;
        }

        await _delivery.DeliverAsync(new LogEntry(batch), _closing.Token);
        return new LogBatchRequest();
    }

    private static bool TryAdd(LogBatchRequest batch, LogItem item) => item switch
    {
        MetricItem metric => LogBatches.TryAdd(batch, metric.Metric),
        TextItem text => LogBatches.TryAdd(batch, text.IsParam, text.Key, text.Value),
        _ => throw new InvalidOperationException("Marks are not part of a batch."),
    };
}
