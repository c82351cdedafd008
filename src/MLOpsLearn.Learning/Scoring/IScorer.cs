namespace MLOpsLearn.Learning.Scoring;

/// <summary>Scores feature vectors: trees or a linear model.</summary>
internal interface IScorer
{
    /// <param name="features">Feature vectors, one row after the other.</param>
    /// <param name="output">One prediction for each row.</param>
    void Score(ReadOnlySpan<float> features, Span<double> output);
}
