using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Failures;

namespace MLOpsLearn.Monitoring.Queues;

/// <summary>Shows operators the broker's queues, and lets them deal with dead letters.</summary>
internal sealed class QueuesGrpcService(IServiceProvider services) : Contracts.Monitoring.V1.Queues.QueuesBase
{
    public override async Task<ListQueuesResponse> ListQueues(ListQueuesRequest request, ServerCallContext context)
    {
        var queues = await AskBrokerAsync(desk => desk.ListAsync(context.CancellationToken), context.CancellationToken);
        return new ListQueuesResponse
        {
            Queues =
            {
                queues.Select(queue => new Queue
                {
                    Name = queue.Queue, Source = queue.Source, Ready = queue.Ready, Consumers = queue.Consumers, Waiting = queue.Waiting, Dead = queue.Dead,
                }),
            },
        };
    }

    public override async Task<ListDeadLettersResponse> ListDeadLetters(ListDeadLettersRequest request, ServerCallContext context)
    {
        CheckQueue(request.Queue).PageSize(request.PageSize).ThrowIfAny();
        var letters = await AskBrokerAsync(desk => desk.PeekAsync(request.Queue, PageToken.SizeOrDefault(request.PageSize), context.CancellationToken), context.CancellationToken);
        return new ListDeadLettersResponse
        {
            DeadLetters =
            {
                letters.Select(letter => new Contracts.Monitoring.V1.DeadLetter
                {
                    MessageId = letter.Id,
                    Reason = letter.Reason,
                    Exception = letter.Exception,
                    FailTime = letter.FailedAt is { } at ? Timestamp.FromDateTimeOffset(at) : null,
                    Retries = letter.Retries,
                    ContentType = letter.ContentType,
                    Body = UnsafeByteOperations.UnsafeWrap(letter.Body),
                    BodyBytes = letter.Bytes,
                }),
            },
        };
    }

    public override async Task<ResendDeadLettersResponse> ResendDeadLetters(ResendDeadLettersRequest request, ServerCallContext context)
    {
        CheckQueue(request.Queue).Text("message_id", request.MessageId, 200, required: false).ThrowIfAny();
        var id = request.MessageId.Length > 0 ? request.MessageId : null;
        return new ResendDeadLettersResponse
        {
            Count = Found(await AskBrokerAsync(desk => desk.ResendAsync(request.Queue, id, context.CancellationToken), context.CancellationToken), id),
        };
    }

    public override async Task<DiscardDeadLetterResponse> DiscardDeadLetter(DiscardDeadLetterRequest request, ServerCallContext context)
    {
        CheckQueue(request.Queue).Text("message_id", request.MessageId, 200).ThrowIfAny();
        Found(await AskBrokerAsync(desk => desk.DiscardAsync(request.Queue, request.MessageId, context.CancellationToken), context.CancellationToken), request.MessageId);
        return new DiscardDeadLetterResponse();
    }

    private static FieldChecks CheckQueue(string queue) => new FieldChecks().Require(
        BrokerTopology.Queues.Any(known => known.Name == queue), "queue", queue, $"must be one of {string.Join(", ", BrokerTopology.Queues.Select(known => known.Name))}");

    private static int Found(int count, string? id) => count > 0 || id is null ? count : throw RpcErrors.NotFound("dead letter", id);

    private async Task<T> AskBrokerAsync<T>(Func<DeadLetterDesk, Task<T>> ask, CancellationToken cancellationToken)
    {
        var desk = services.GetService<DeadLetterDesk>()
            ?? throw RpcErrors.FailedPrecondition("NO_BROKER", "messaging", "The bus lives in this server's own process: there are no queues to look into.");
        try
        {
            return await ask(desk);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException or RabbitMQ.Client.Exceptions.RabbitMQClientException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RpcException(new Status(StatusCode.Unavailable, $"The broker can't be reached: {exception.Message}"));
        }
    }
}
