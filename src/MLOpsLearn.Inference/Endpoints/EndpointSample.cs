using Grpc.Core;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Which version each endpoint answers with, and what waits to leave for monitoring.</summary>
internal sealed class EndpointSample(EndpointTable table, CaptureBuffer capture, BatchPublisher publisher, TimeProvider time) : ISample
{
    public Task TakeAsync(CancellationToken cancellationToken)
    {
        foreach (var name in table.Names)
        {
            if (table.Find(name) is { } endpoint)
            {
                InferenceTelemetry.Serving(name, endpoint.Live.Version, capture.StatusOf(name).WaitingRows);
            }
        }

        InferenceTelemetry.Waiting(publisher.OldestSince is { } since ? time.GetUtcNow() - since : TimeSpan.Zero);
        InferenceTelemetry.Refused(StatusCode.InvalidArgument, 0);
        return Task.CompletedTask;
    }
}
