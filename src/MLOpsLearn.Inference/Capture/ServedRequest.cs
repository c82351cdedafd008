using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>What was asked and answered.</summary>
internal sealed record ServedRequest(EndpointSnapshot Endpoint, string Id, ColumnTable Rows, long[] EventTimesMs, double[] Predictions, DateTimeOffset ServedAt)
{
    public int Count => Predictions.Length;
}
