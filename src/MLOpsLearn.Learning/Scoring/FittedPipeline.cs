using System.Buffers;
using MLOpsLearn.Learning.FeatureEncoding;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.Scoring;

/// <summary>
/// A fitted model with the encoding of its features: immutable, safe from many threads, and the same object for evaluation and for serving, so
/// that there is no skew between them.
/// </summary>
public sealed class FittedPipeline
{
    private readonly int[] _requiredInputs;

    internal FittedPipeline(ModelSignature signature, TrainerKind trainer, int seed, IReadOnlyList<FeatureEncoder> encoders, IScorer scorer)
    {
        (Signature, Trainer, Seed, Encoders, Scorer) = (signature, trainer, seed, encoders, scorer);
        _requiredInputs = [.. Enumerable.Range(0, signature.Inputs.Count)];
    }

    /// <summary>What it takes and gives.</summary>
    public ModelSignature Signature { get; }

    /// <summary>What fitted it.</summary>
    public TrainerKind Trainer { get; }

    /// <summary>The seed it was fitted with.</summary>
    public int Seed { get; }

    internal IReadOnlyList<FeatureEncoder> Encoders { get; }

    internal IScorer Scorer { get; }

    /// <summary>Scores rows without allocating for each of them.</summary>
    /// <param name="batch">Has every input of the signature with its kind; other columns are left alone.</param>
    /// <param name="output">As many as rows; finite for every row, whatever the row holds.</param>
    /// <returns>For each input of the signature, how many rows have a category that the training data did not.</returns>
    /// <exception cref="ArgumentException">A column is absent or of another kind, or the output is too short.</exception>
    public int[] Score(ColumnTable batch, Span<double> output)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Length, batch.Rows);
        var inputs = new TableColumn[_requiredInputs.Length];
        foreach (var i in _requiredInputs)
        {
            var input = Signature.Inputs[i];
            inputs[i] = batch.Find(input.Name) switch
            {
                TableColumn.Numeric column when input.Kind == ColumnKind.Numeric => column,
                TableColumn.Categorical column when input.Kind == ColumnKind.Categorical => column,
                null => throw new ArgumentException($"The column '{input.Name}' is missing.", nameof(batch)),
                _ => throw new ArgumentException($"The column '{input.Name}' must be {input.Kind}.", nameof(batch)),
            };
        }

        var unseen = new int[inputs.Length];
        var size = batch.Rows * Encoders.Count;
        var features = ArrayPool<float>.Shared.Rent(size);
        try
        {
            BatchEncoder.Encode(Encoders, inputs, features.AsSpan(0, size), unseen);
            Scorer.Score(features.AsSpan(0, size), output);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(features);
        }

        return unseen;
    }
}
