using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Failures;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>Takes one message of an outsider from its bytes to its answer.</summary>
internal sealed partial class TriggerWork(
    IServiceScopeFactory scopes, TriggerAnswers answers, FailureRouter failures, TimeProvider time, ILogger<TriggerWork> logger)
{
    /// <summary>Pauses of the short retries; longer ones are the failure router's.</summary>
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    /// <summary>Afterwards the message is done with: handled, waiting for its retry, or dead; the caller acknowledges it.</summary>
    public async Task HandleAsync(BasicDeliverEventArgs message, CancellationToken cancellationToken)
    {
        var parent = TriggerReader.TraceParentOf(message.BasicProperties, message.Body);
        using var activity = ActivityContext.TryParse(parent, null, isRemote: true, out var context)
            ? MessagingTelemetry.Activities.StartActivity("receive trigger", ActivityKind.Consumer, context)
            : MessagingTelemetry.Activities.StartActivity("receive trigger", ActivityKind.Consumer);
        activity?.SetTag("messaging.system", "rabbitmq").SetTag("messaging.destination.name", BrokerTopology.TriggerQueue);
        OutsideTrigger? trigger = null;
        try
        {
            trigger = TriggerReader.Read(message.BasicProperties, message.RoutingKey, message.Body, time.GetUtcNow());
            activity?.SetTag("mlopslearn.trigger.type", trigger.Type).SetTag("mlopslearn.trigger.id", trigger.Id);
            var answer = await ActAsync(trigger, cancellationToken);
            MessagingTelemetry.Answered(answer.Status);
            Log.Answered(logger, trigger.Type, trigger.Id, answer.Status, answer.Reason);
            await answers.SendAsync(message.BasicProperties, answer, cancellationToken);
        }
        catch (BadTriggerException bad)
        {
            activity?.SetStatus(ActivityStatusCode.Error, bad.Message);
            MessagingTelemetry.Answered(TriggerAnswer.Refused);
            await failures.RouteAsync(BrokerTopology.TriggerQueue, TriggerReader.Standalone(message.BasicProperties, message.RoutingKey, trigger), message.Body, "BadTrigger", bad.Message, mayPass: false, cancellationToken);
            await answers.SendAsync(message.BasicProperties, new TriggerAnswer(TriggerAnswer.Refused, bad.Message), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            var isDead = await failures.RouteAsync(
                BrokerTopology.TriggerQueue, TriggerReader.Standalone(message.BasicProperties, message.RoutingKey, trigger), message.Body, exception.GetType().Name, exception.Message, mayPass: true, cancellationToken);
            if (isDead)
            {
                await answers.SendAsync(
                    message.BasicProperties, new TriggerAnswer(TriggerAnswer.Refused, "It could not be handled; an operator finds it among the dead letters."), cancellationToken);
            }
        }
    }

    private async Task<TriggerAnswer> ActAsync(OutsideTrigger trigger, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                return await scope.ServiceProvider.GetRequiredService<ITriggerHandler>().HandleAsync(trigger, cancellationToken);
            }
            catch (Exception exception) when (exception is not BadTriggerException && attempt < Pauses.Length && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pauses[attempt], time, cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1041, LogLevel.Information, "Trigger {Type} {Id}: {Status}. {Reason}")]
        public static partial void Answered(ILogger logger, string type, string id, string status, string reason);
    }
}
