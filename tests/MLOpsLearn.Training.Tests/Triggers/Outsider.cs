using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Training.Tests.Triggers;

/// <summary>Somebody with an AMQP library, a queue for answers and nothing else of ours.</summary>
internal sealed class Outsider : IAsyncDisposable
{
    public const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private string _answers = "";

    private Outsider(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<Outsider> ConnectAsync(IConnection connection)
    {
        var outsider = new Outsider(connection, await connection.CreateChannelAsync());
        outsider._answers = (await outsider._channel.QueueDeclareAsync()).QueueName;
        var consumer = new AsyncEventingBasicConsumer(outsider._channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            using var json = JsonDocument.Parse(message.Body);
            outsider._asked[message.BasicProperties.CorrelationId!].TrySetResult(json.RootElement.Clone());
            return Task.CompletedTask;
        };
        await outsider._channel.BasicConsumeAsync(outsider._answers, autoAck: true, consumer);
        return outsider;
    }

    /// <summary>Publishes a plain trigger and waits for its answer.</summary>
    public async Task<(string Status, string Reason, string? JobId)> AskAsync(string type, object data, string? id = null)
    {
        var correlation = Guid.CreateVersion7().ToString();
        var asked = _asked[correlation] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var properties = new BasicProperties
        {
            Type = type,
            MessageId = id ?? correlation,
            CorrelationId = correlation,
            ReplyTo = _answers,
            Headers = new Dictionary<string, object?> { ["traceparent"] = Encoding.ASCII.GetBytes($"00-{TraceId}-b7ad6b7169203331-01") },
        };
        await _channel.BasicPublishAsync("mlops.triggers", "any.key", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(data));
        var answer = await asked.Task.WaitAsync(Patience.Wait);
        return (answer.GetProperty("status").GetString()!, answer.GetProperty("reason").GetString()!, answer.TryGetProperty("job_id", out var job) ? job.GetString() : null);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
