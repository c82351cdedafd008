using Google.Protobuf;
using Grpc.Core;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>Takes the batches that our own endpoints publish. Those of an endpoint that nobody watches are left alone.</summary>
internal sealed partial class PredictionsServedHandler(MonitoringDbContext context, PredictionIngest ingest, ILogger<PredictionsServedHandler> logger)
    : IConsumer<PredictionsServed>
{
    public async Task Consume(ConsumeContext<PredictionsServed> message)
    {
        var served = message.Message;
        var watched = await context.Subjects.AsNoTracking().FirstOrDefaultAsync(subject => subject.Endpoint == served.Endpoint, message.CancellationToken);
        if (watched is null)
        {
            Log.NotWatched(logger, served.Endpoint, served.Rows);
            return;
        }

        try
        {
            var batch = PredictionBatch.Parser.ParseFrom(served.Payload);
            var subject = watched.ToProto();
            BatchChecks.Check(batch, subject);
            await ingest.StoreAsync(batch, subject, message.CancellationToken);
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
