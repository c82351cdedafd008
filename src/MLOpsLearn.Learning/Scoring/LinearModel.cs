namespace MLOpsLearn.Learning.Scoring;

/// <summary>
/// A linear model whose features are either numbers times a weight or, for one-hot columns, the weight of the category itself: the encoders
/// give that weight, so each feature has one number and the model is their sum.
/// </summary>
/// <param name="Bias">Added to every prediction.</param>
/// <param name="Weights">One for each feature; 1 where the encoder gives the weight itself.</param>
internal sealed record LinearModel(double Bias, double[] Weights) : IScorer
{
    /// <inheritdoc/>
    public void Score(ReadOnlySpan<float> features, Span<double> output)
    {
        for (var row = 0; row < output.Length; row++)
        {
            var values = features.Slice(row * Weights.Length, Weights.Length);
            var sum = Bias;
            for (var i = 0; i < values.Length; i++)
            {
                sum += values[i] * Weights[i];
            }

            output[row] = sum;
        }
    }
}
