using Google.Protobuf;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Deployments;
using MLOpsLearn.Inference.Endpoints;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>
/// Answers a request with the version that is in service when it begins, on the thread that it came on; what was served leaves beside, not
/// before the answer.
/// </summary>
internal sealed class Predictor(EndpointTable table, CaptureBuffer capture, FirstAnswerRecorder firstAnswers, TimeProvider time)
{
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND, UNAVAILABLE while endpoints come up, INVALID_ARGUMENT with every fault.</exception>
    public PredictResponse Predict(PredictRequest request)
    {
        var started = time.GetTimestamp();
        EndpointCatalog.CheckName("endpoint", request.Endpoint).ThrowIfAny();
        var endpoint = table.Find(request.Endpoint) ?? throw NotServing(request.Endpoint);
        var rows = RequestReader.Read(request, endpoint.Live, time);
        var response = new PredictResponse { Id = rows.Id, Model = endpoint.Live.Facts.Model, Version = endpoint.Live.Version };
        UnsafeCollectionOperations.SetCount(response.Predictions, rows.Table.Rows);
        var unseen = endpoint.Live.Pipeline.Score(rows.Table, UnsafeCollectionOperations.AsSpan(response.Predictions));

        capture.Add(new ServedRequest(endpoint, rows, response.Predictions, time.GetUtcNow()));
        if (endpoint.IsFirstAnswer())
        {
            firstAnswers.Answered(endpoint, time.GetElapsedTime(started));
        }

        InferenceTelemetry.Predicted(endpoint.Name, rows.Table.Rows, unseen.Sum(), time.GetElapsedTime(started));
        return response;
    }

    private Grpc.Core.RpcException NotServing(string endpoint) => table.FaultOf(endpoint) is { Length: > 0 } fault
        ? RpcErrors.FailedPrecondition("NOT_SERVING", endpoint, $"Endpoint '{endpoint}' can't answer: {fault}")
        : table.IsRestored ? RpcErrors.NotFound("endpoint", endpoint)
        : RpcErrors.Unavailable("COMING_UP", "Endpoints are coming up; try again in a moment.");
}
