using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Runtimes;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Lets shadow versions score what the live one answered.</summary>
internal static class ShadowScoring
{
    /// <summary>Shadows that are asked: not the live version, and none that needs columns which the callers don't send.</summary>
    public static IEnumerable<LoadedVersion> AskedOf(EndpointSnapshot endpoint) => endpoint.Shadows
        .Where(shadow => shadow.Version != endpoint.Live.Version && shadow.Pipeline.Signature.IsCompatibleWith(endpoint.Live.Pipeline.Signature));

    public static List<double[]> Score(ServedRequest request)
    {
        var shadows = new List<double[]>();
        foreach (var shadow in AskedOf(request.Endpoint))
        {
            var predictions = new double[request.Count];
            shadow.Pipeline.Score(request.Rows, predictions);
            shadows.Add(predictions);
        }

        return shadows;
    }
}
