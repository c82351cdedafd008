using System.Collections.Frozen;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Runtimes;

/// <summary>A version in memory, verified and warm.</summary>
internal sealed record LoadedVersion(KnownVersion Facts, FittedPipeline Pipeline)
{
    public int Version => Facts.Version;

    /// <summary>Position of each input in the signature, by name.</summary>
    public FrozenDictionary<string, int> InputIndex { get; } = Pipeline.Signature.Inputs
        .Select((input, index) => (input.Name, index))
        .ToFrozenDictionary(input => input.Name, input => input.index, StringComparer.Ordinal);

    /// <summary>A column of an input in which every value is missing.</summary>
    public static TableColumn MissingColumn(SignatureInput input, int rows)
    {
        if (input.Kind == ColumnKind.Numeric)
        {
            var numbers = new double[rows];
            Array.Fill(numbers, double.NaN);
            return new TableColumn.Numeric(input.Name, numbers);
        }

        var codes = new int[rows];
        Array.Fill(codes, -1);
        return new TableColumn.Categorical(input.Name, codes, []);
    }
}
