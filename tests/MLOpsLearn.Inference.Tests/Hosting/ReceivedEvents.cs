using System.Collections.Concurrent;
using MassTransit;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>What came over the bus; outlives the host, so that a shutdown's last events are seen.</summary>
internal sealed class ReceivedEvents
{
    public ConcurrentQueue<PredictionsServed> Served { get; } = new();

    /// <summary>What the bus took; in memory it forgets what nobody read before it stopped.</summary>
    public ConcurrentQueue<PredictionsServed> Published { get; } = new();

    public ConcurrentQueue<DeploymentChanged> Deployments { get; } = new();

    public int ServedRows => Served.Sum(served => served.Rows);

    public IReadOnlyList<PredictionBatch> Batches => [.. Served.Select(served => PredictionBatch.Parser.ParseFrom(served.Payload))];
}

internal sealed class ServedConsumer(ReceivedEvents received) : IConsumer<PredictionsServed>
{
    public Task Consume(ConsumeContext<PredictionsServed> context)
    {
        received.Served.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class DeploymentConsumer(ReceivedEvents received) : IConsumer<DeploymentChanged>
{
    public Task Consume(ConsumeContext<DeploymentChanged> context)
    {
        received.Deployments.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class PublishObserver(ReceivedEvents received) : IPublishObserver
{
    public Task PrePublish<T>(PublishContext<T> context) where T : class => Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context) where T : class
    {
        if (context.Message is PredictionsServed served)
        {
            received.Published.Enqueue(served);
        }

        return Task.CompletedTask;
    }

    public Task PublishFault<T>(PublishContext<T> context, Exception exception) where T : class => Task.CompletedTask;
}
