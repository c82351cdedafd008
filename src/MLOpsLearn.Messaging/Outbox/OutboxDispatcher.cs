using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Messaging.OutsideEvents;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Messaging.Outbox;

/// <summary>
/// Publishes what a module's outbox holds, in order, and forgets each event after the bus took it.
/// A crash in between publishes an event twice; consumers know it by its message id.
/// </summary>
internal sealed partial class OutboxDispatcher<TContext>(
    IServiceScopeFactory scopes, ModuleName<TContext> module, OutboxSignal<TContext> signal, IBus bus, BusGate gate, IOutsideEvents outsideEvents, TimeProvider time, ILogger<OutboxDispatcher<TContext>> logger)
    : BackgroundService
{
    private const int BatchSize = 100;
    private static readonly TimeSpan FallBackInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CleanUpInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var cleanedUpAt = time.GetUtcNow();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await gate.WaitAsync(stoppingToken);
                while (await DispatchOnceAsync(stoppingToken) == BatchSize)
                {
                }

                if (time.GetUtcNow() - cleanedUpAt > CleanUpInterval)
                {
                    cleanedUpAt = time.GetUtcNow();
                    await CleanUpAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.DispatchFailed(logger, typeof(TContext).Name, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
            }

            await signal.WaitAsync(FallBackInterval, stoppingToken);
        }
    }

    internal async Task<int> DispatchOnceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = (DbContext)(object)scope.ServiceProvider.GetRequiredService(typeof(TContext));
        var messages = await context.Set<OutboxMessage>().AsNoTracking()
            .OrderBy(message => message.Sequence).Take(BatchSize).ToListAsync(cancellationToken);
        foreach (var message in messages)
        {
            if (EventTypes.Find(message.EventName) is { } type)
            {
                using var activity = MessagingTelemetry.Activities.StartActivity($"publish {message.EventName}", ActivityKind.Producer, message.TraceParent);
                var body = JsonSerializer.Deserialize(message.Body, type)
                    ?? throw new InvalidOperationException($"Outbox message {message.MessageId} is empty.");
                await Task.WhenAll(
                    Confirmation.AwaitAsync(
                        token => bus.Publish(body, type, publish => publish.MessageId = message.MessageId, token), time, cancellationToken),
                    outsideEvents.PublishAsync(message, body, activity?.Id ?? message.TraceParent, cancellationToken));
                MessagingTelemetry.Published(module.Value);
            }
            else
            {
                Log.UnknownEvent(logger, message.EventName, message.MessageId);
            }

            await context.Set<OutboxMessage>().Where(sent => sent.Sequence == message.Sequence).ExecuteDeleteAsync(cancellationToken);
        }

        return messages.Count;
    }

    private async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = (DbContext)(object)scope.ServiceProvider.GetRequiredService(typeof(TContext));
        var now = time.GetUtcNow();
        await context.Set<IdempotentReply>().Where(reply => reply.ExpiresAt < now).ExecuteDeleteAsync(cancellationToken);
        var oldest = now - InboxEntry.Retention;
        await context.Set<InboxEntry>().Where(entry => entry.HandledAt < oldest).ExecuteDeleteAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Warning, "Events of {Context} could not be published yet; they are kept and tried again.")]
        public static partial void DispatchFailed(ILogger logger, string context, Exception exception);

        [LoggerMessage(1002, LogLevel.Error, "Event {EventName} {MessageId} is unknown to this build and was dropped.")]
        public static partial void UnknownEvent(ILogger logger, string eventName, Guid messageId);
    }
}
