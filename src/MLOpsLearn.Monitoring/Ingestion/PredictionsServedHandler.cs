using Google.Protobuf;
using Grpc.Core;
using MassTransit;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>Takes the batches that our own endpoints publish. Those of an endpoint that nobody watches are left alone.</summary>
internal sealed partial class PredictionsServedHandler(IngestLine line, ILogger<PredictionsServedHandler> logger) : IConsumer<PredictionsServed>
{
    public const string Queue = "monitoring.predictions-served";

    public async Task Consume(ConsumeContext<PredictionsServed> context)
    {
        var served = context.Message;
        try
        {
            var batch = new IncomingBatch(PredictionBatch.Parser.ParseFrom(served.Payload), served.Payload);
            if (await line.StoreAsync(batch, context.CancellationToken) is null)
            {
                Log.NotWatched(logger, served.Endpoint, served.Rows);
            }
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or RpcException { StatusCode: StatusCode.InvalidArgument })
        {
            throw new UnreadableMessageException(
                $"Batch {served.BatchId} of endpoint {served.Endpoint} does not fit its declaration: {exception.Message}", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5101, LogLevel.Debug, "{Rows} rows of endpoint {Endpoint} were not stored: nobody watches it.")]
        public static partial void NotWatched(ILogger logger, string endpoint, int rows);
    }
}
