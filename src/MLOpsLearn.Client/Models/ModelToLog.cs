using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client.Models;

/// <summary>A model that is to be logged: one file, and what it takes and gives.</summary>
public sealed record ModelToLog
{
    /// <summary>The file of the model.</summary>
    public required string File { get; init; }

    /// <summary>Its name in the model's folder, for example "model.onnx".</summary>
    public required string FileName { get; init; }

    /// <summary>Its format, as MLflow names flavors: "onnx", "mlnet".</summary>
    public required string Flavor { get; init; }

    /// <summary>What else the folder's "MLmodel" says of the flavor, for example the version of a library.</summary>
    public IReadOnlyDictionary<string, string> FlavorSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>What it takes, as a JSON array of MLflow's signatures.</summary>
    public required string InputsJson { get; init; }

    /// <summary>What it gives, as a JSON array of MLflow's signatures.</summary>
    public required string OutputsJson { get; init; }

    /// <summary>The same for the registry.</summary>
    public required ModelSignature Signature { get; init; }
}
