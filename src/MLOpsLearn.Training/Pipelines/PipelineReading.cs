using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Training.Pipelines;

/// <summary>Reads specifications, and says their faults as the contract does. The SQL in them is text here: only the worker runs it.</summary>
internal static class PipelineReading
{
    /// <summary>The alias that a pipeline's versions compete for.</summary>
    public const string Alias = "champion";

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with each fault and its path.</exception>
    public static PipelineSpecification Parse(string yaml)
    {
        var (specification, faults) = PipelineSpecificationReader.Parse(yaml);
        return specification ?? throw RpcErrors.Invalid(
            [.. faults.Select(fault => new FieldFault(fault.Path.Length == 0 ? "yaml" : $"yaml.{fault.Path}", fault.Value, fault.Rule))]);
    }

    public static bool RetrainsOnAlert(this PipelineSpecification specification) => specification.Retrain?.On.Contains("alert") ?? false;

    public static PromotionPolicy ToPolicy(this GateSpecification gate, string model) => new()
    {
        Model = model,
        Alias = Alias,
        Metric = gate.Metric,
        MinImprovement = gate.MinImprovement,
        MinRows = gate.MinRows,
        RequireDataQuality = gate.RequireDataQuality,
    };
}
