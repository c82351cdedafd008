using Google.Protobuf.Collections;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;

namespace MLOpsLearn.Inference.Capture;

/// <summary>What was asked and answered. The predictions are those of the answer itself; nobody writes to them again.</summary>
internal sealed record ServedRequest(EndpointSnapshot Endpoint, RequestRows Request, RepeatedField<double> Predictions, DateTimeOffset ServedAt)
{
    public int Rows => Request.Table.Rows;
}
