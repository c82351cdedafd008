namespace MLOpsLearn.Contracts;

/// <summary>How the gateway names a prediction whose client gave no id.</summary>
public static class PredictionIds
{
    /// <summary>Request header, or gRPC metadata: the id to use when the request has none of its own.</summary>
    public const string Header = "mlops-prediction-id";
}
