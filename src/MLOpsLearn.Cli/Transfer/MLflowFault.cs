namespace MLOpsLearn.Cli.Transfer;

/// <summary>A server's refusal in MLflow's form.</summary>
/// <param name="code">MLflow's error code, or "HTTP n" when the answer had none.</param>
/// <param name="message">The server's words.</param>
internal sealed class MLflowFault(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    public bool IsMissing => Code is "RESOURCE_DOES_NOT_EXIST" or "NOT_FOUND" or "ENDPOINT_NOT_FOUND" or "HTTP 404";
}
