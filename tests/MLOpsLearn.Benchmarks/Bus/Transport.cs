using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Messaging.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Benchmarks.Bus;

/// <summary>
/// Publish to handler without a store, beside a bare loop of RabbitMQ.Client on the same bytes: batches of 1,000 rows. The bare loop that the ratio is
/// against is as safe as ours: quorum queue, publisher confirms, acknowledgements; one without any of it is shown as well. All in turns, on one broker;
/// a ratio is the median of those of each round, whose two sides stood next to each other.
/// </summary>
internal static class Transport
{
    private const string OurQueue = "monitoring.predictions-served";
    private const int UnderWay = 16;
    private const int Messages = 1500;
    private const int Rounds = 5;
    private const double Target = 0.40;
    private static readonly ushort[] Prefetches = [1, 4, 16, 128];

    public static async Task<int> RunAsync()
    {
        var payload = Payload();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Messages} batches of {OpenBatch.MostRows} rows, {payload.Length:N0} bytes each; medians of {Rounds} rounds in turns"));
        await using var servers = await Servers.StartAsync();
        var safe = new Lap("bare, confirms and quorum queue", () => BareAsync(servers.Broker, payload, isSafe: true));
        var fast = new Lap("bare, neither", () => BareAsync(servers.Broker, payload, isSafe: false));
        var ours = new Lap($"ours, prefetch {EventConsumers.DefaultPrefetch}", () => OursAsync(servers.Broker, payload, EventConsumers.DefaultPrefetch));
        var others = Prefetches.Select(prefetch => new Lap($"ours, prefetch {prefetch}", () => OursAsync(servers.Broker, payload, prefetch))).ToList();
        List<Lap> laps = [safe, fast, ours, .. others];
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var lap in laps)
            {
                // The first round warms up.
                await lap.RunAsync(counts: round > 0);
            }
        }

        laps.ForEach(lap => lap.Print());
        var ratio = ours.RatioTo(safe);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"ratio ours / bare {ratio:N2} (must be at least {Target:N2}); against the unsafe one {ours.RatioTo(fast):N2}"));
        return ratio >= Target ? 0 : 1;
    }

    private static byte[] Payload()
    {
        var served = new Rows(OpenBatch.MostRows).Next(TimeProvider.System.GetUtcNow());
        var batch = new OpenBatch(served.Endpoint, served.ServedAt);
        batch.Take(served, 0);
        return BatchWriter.Write(batch, Guid.CreateVersion7()).ToByteArray();
    }

    /// <returns>Rows a second.</returns>
    private static async Task<double> BareAsync(string broker, byte[] payload, bool isSafe)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync();
        await using var publisher = await connection.CreateChannelAsync(new CreateChannelOptions(isSafe, isSafe, null));
        await using var channel = await connection.CreateChannelAsync();
        var queue = isSafe ? "bare-safe" : "bare-fast";
        await channel.QueueDeclareAsync(queue, durable: isSafe, exclusive: false, autoDelete: false, isSafe ? new Dictionary<string, object?> { ["x-queue-type"] = "quorum" } : null);
        await channel.BasicQosAsync(0, EventConsumers.DefaultPrefetch, global: false);
        var done = new TaskCompletionSource();
        var left = Messages;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            if (isSafe)
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
            }

            if (Interlocked.Decrement(ref left) == 0)
            {
                done.TrySetResult();
            }
        };
        await channel.BasicConsumeAsync(queue, autoAck: !isSafe, consumer);
        var properties = new BasicProperties { Persistent = isSafe };
        var started = Stopwatch.GetTimestamp();
        await PublishAsync(async () => await publisher.BasicPublishAsync("", queue, false, properties, payload));
        await done.Task;
        return Rate(started);
    }

    /// <returns>Rows a second.</returns>
    private static async Task<double> OursAsync(string broker, byte[] payload, ushort prefetch)
    {
        var counter = new Counter();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:messaging", broker)]);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole());
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(counter);
        builder.AddEventConsumer<CountingConsumer>(OurQueue, UnderWay, prefetch);
        builder.AddEventBus(allowInMemory: false);
        using var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<BusGate>().WaitAsync(default);
        var bus = host.Services.GetRequiredService<IBus>();
        await host.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(30));
        var started = Stopwatch.GetTimestamp();
        await PublishAsync(() => bus.PublishRowsAsync(new PredictionsServed(Guid.CreateVersion7(), "default", Rows.Endpoint, OpenBatch.MostRows, payload), default));
        await counter.Done.Task;
        var rate = Rate(started);
        await host.StopAsync();
        return rate;
    }

    private static async Task PublishAsync(Func<Task> publish)
    {
        var underWay = new Queue<Task>();
        for (var i = 0; i < Messages; i++)
        {
            if (underWay.Count == UnderWay)
            {
                await underWay.Dequeue();
            }

            underWay.Enqueue(publish());
        }

        await Task.WhenAll(underWay);
    }

    private static double Rate(long started) => Messages * OpenBatch.MostRows / Stopwatch.GetElapsedTime(started).TotalSeconds;

    internal sealed class Counter
    {
        private int _left = Messages;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                Done.TrySetResult();
            }
        }
    }

    internal sealed class CountingConsumer(Counter counter) : IConsumer<PredictionsServed>
    {
        public Task Consume(ConsumeContext<PredictionsServed> context)
        {
            counter.Count();
            return Task.CompletedTask;
        }
    }
}
