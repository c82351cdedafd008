namespace MLOpsLearn.Training.Pipelines;

/// <summary>Reads what the service needs of a specification.</summary>
internal static class PipelineReading
{
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with each fault.</exception>
    public static PipelineSettings Parse(string yaml) => throw new NotSupportedException(yaml);
}
