using System.Text.Json;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>Answers senders that named a queue for it.</summary>
internal sealed partial class TriggerAnswers(BrokerConnection broker, ILogger<TriggerAnswers> logger)
{
    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Sends the answer; one that can't be delivered is the sender's loss, never a reason to do the work again.</summary>
    public async Task SendAsync(IReadOnlyBasicProperties request, TriggerAnswer answer, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.ReplyTo))
        {
            return;
        }

        if (IsOurs(request.ReplyTo))
        {
            Log.NotSent(logger, request.ReplyTo, "it is a queue of ours");
            return;
        }

        var properties = new BasicProperties { ContentType = "application/json", CorrelationId = request.CorrelationId ?? request.MessageId };
        try
        {
            await broker.PublishAsync("", request.ReplyTo, properties, JsonSerializer.SerializeToUtf8Bytes(answer, SnakeCase), mandatory: false, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.NotSent(logger, request.ReplyTo, exception.Message);
        }
    }

    /// <summary>The name comes from outside: answers must not get among our own messages.</summary>
    private static bool IsOurs(string replyTo) => BrokerTopology.Queues.Any(queue => replyTo == queue.Name || replyTo.StartsWith(queue.Name + "_", StringComparison.Ordinal));

    private static partial class Log
    {
        [LoggerMessage(1031, LogLevel.Warning, "The answer to {ReplyTo} was not sent: {Reason}")]
        public static partial void NotSent(ILogger logger, string replyTo, string reason);
    }
}
