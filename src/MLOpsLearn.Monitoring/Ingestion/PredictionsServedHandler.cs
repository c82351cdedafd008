using Google.Protobuf;
using Grpc.Core;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
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
            // Trying again would not make it right.
            Log.Unreadable(logger, served.BatchId, served.Endpoint, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5101, LogLevel.Debug, "{Rows} rows of endpoint {Endpoint} were not stored: nobody watches it.")]
        public static partial void NotWatched(ILogger logger, string endpoint, int rows);

        [LoggerMessage(5102, LogLevel.Error, "Batch {BatchId} of endpoint {Endpoint} does not fit its declaration and was dropped: {Reason}")]
        public static partial void Unreadable(ILogger logger, Guid batchId, string endpoint, string reason);
    }
}
