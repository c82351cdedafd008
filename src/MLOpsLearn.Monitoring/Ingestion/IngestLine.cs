using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>
/// Batches of the bus stand in one line; those that stand there together are stored in one transaction. A commit costs as much as storing several
/// batches, and ordinals and counters of an endpoint want one writer anyway.
/// </summary>
internal sealed class IngestLine(IServiceScopeFactory scopes) : BackgroundService
{
    /// <summary>Batches of one transaction; also how many messages the consumer handles at once, for each waits here.</summary>
    public const int MostTogether = 16;

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(new BoundedChannelOptions(2 * MostTogether) { SingleReader = true });

    /// <summary>Ends when the batch is stored; null when nobody watches its endpoint.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: this batch, and only this one, does not fit.</exception>
    public async Task<SubmitPredictionsResponse?> StoreAsync(IncomingBatch batch, CancellationToken cancellationToken)
    {
        var entry = new Entry(batch);
        await _entries.Writer.WriteAsync(entry, cancellationToken);
        return await entry.Stored.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var together = new List<Entry>(MostTogether);
        while (await _entries.Reader.WaitToReadAsync(stoppingToken))
        {
            together.Clear();
            while (together.Count < MostTogether && _entries.Reader.TryRead(out var entry))
            {
                together.Add(entry);
            }

            // By the time in their ids: messages that arrive together are handled in any order.
            foreach (var group in together.GroupBy(entry => entry.Batch.Batch.Endpoint).Select(group => group.OrderBy(entry => entry.Batch.Batch.BatchId, StringComparer.Ordinal).ToList()))
            {
                await StoreAsync(group, stoppingToken);
            }
        }
    }

    private async Task StoreAsync(List<Entry> group, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var ingest = scope.ServiceProvider.GetRequiredService<PredictionIngest>();
            var responses = await ingest.StoreAsync(group[0].Batch.Batch.Endpoint, [.. group.Select(entry => entry.Batch)], cancellationToken);
            for (var i = 0; i < group.Count; i++)
            {
                group[i].Stored.TrySetResult(responses?[i]);
            }
        }
        catch (Exception exception) when (group.Count == 1)
        {
            group[0].Stored.TrySetException(exception);
        }
        catch (Exception)
        {
            // Which of them it was shows when each stands alone.
            foreach (var entry in group)
            {
                await StoreAsync([entry], cancellationToken);
            }
        }
    }

    private sealed record Entry(IncomingBatch Batch)
    {
        public TaskCompletionSource<SubmitPredictionsResponse?> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A batch on its way into the store.</summary>
/// <param name="Batch">What it says.</param>
/// <param name="Body">The same in binary form, when it came so.</param>
internal sealed record IncomingBatch(PredictionBatch Batch, byte[]? Body)
{
    /// <summary>What is stored when all of the batch is kept.</summary>
    public byte[] ToBytes() => Body ?? Batch.ToByteArray();
}
