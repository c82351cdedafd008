using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Deployments;
using MLOpsLearn.Inference.Endpoints;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>Answers a request with the version that is in service when it begins; what was served leaves beside, not before the answer.</summary>
internal sealed class Predictor(EndpointTable table, CaptureBuffer capture, FirstAnswerRecorder firstAnswers, TimeProvider time)
{
    private const long MinEventMs = -62135596800000;
    private const long MaxEventMs = 253402300799999;

    public PredictResponse Predict(PredictRequest request)
    {
        EndpointCatalog.CheckName(request.Endpoint).ThrowIfAny();
        var snapshot = table.Find(request.Endpoint) ?? throw NotServing(request.Endpoint);
        if (request.Id.Length > 0)
        {
            new FieldChecks().Name("id", request.Id).ThrowIfAny();
        }

        var rows = RequestColumns.Read(request, snapshot.Live.Pipeline.Signature);
        var times = EventTimes(request, rows.Rows);
        var predictions = new double[rows.Rows];
        snapshot.Live.Pipeline.Score(rows, predictions);
        var response = new PredictResponse
        {
            Id = request.Id.Length > 0 ? request.Id : Guid.CreateVersion7().ToString(),
            Model = snapshot.Live.Facts.Model,
            Version = snapshot.Live.Version,
        };
        response.Predictions.Capacity = predictions.Length;
        response.Predictions.AddRange(predictions);
        capture.Add(new ServedRequest(snapshot, response.Id, rows, times, predictions, time.GetUtcNow()));
        if (snapshot.IsFirstAnswer())
        {
            firstAnswers.Answered(snapshot.DeploymentId);
        }

        return response;
    }

    private long[] EventTimes(PredictRequest request, int rows)
    {
        var given = request.EventTimesMs;
        new FieldChecks()
            .Require(given.Count is 0 or 1 || given.Count == rows, "event_times_ms", given.Count, $"must be absent, one for all rows, or {rows}")
            .Require(given.All(each => each is >= MinEventMs and <= MaxEventMs), "event_times_ms", "", "must lie in the years 1 to 9999")
            .ThrowIfAny();
        var times = new long[rows];
        if (given.Count == rows)
        {
            given.CopyTo(times, 0);
        }
        else
        {
            times.AsSpan().Fill(given.Count == 1 ? given[0] : time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        return times;
    }

    private Grpc.Core.RpcException NotServing(string endpoint) => table.FaultOf(endpoint) is { Length: > 0 } fault
        ? RpcErrors.FailedPrecondition("NOT_SERVING", endpoint, $"Endpoint '{endpoint}' can't answer: {fault}")
        : table.IsRestored ? RpcErrors.NotFound("endpoint", endpoint)
        : RpcErrors.Unavailable("COMING_UP", "Endpoints are coming up; try again in a moment.");
}
