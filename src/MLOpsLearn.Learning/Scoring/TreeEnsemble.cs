namespace MLOpsLearn.Learning.Scoring;

/// <summary>
/// A sum of regression trees in flat arrays. Node n of all trees together goes to <c>Left[n]</c> when feature value ≤ <c>Threshold[n]</c>, else
/// to <c>Right[n]</c>; a negative child c is the leaf ~c. Tree t begins at <c>Roots[t]</c> (a tree that is a single leaf has a negative root).
/// </summary>
internal sealed record TreeEnsemble(int Features, double Bias, int[] Roots, int[] Feature, float[] Threshold, int[] Left, int[] Right, double[] Leaves) : IScorer
{
    /// <summary>Rows that are taken through one tree together: their features stay in the cache, and so does the tree.</summary>
    private const int Block = 64;

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<float> features, Span<double> output)
    {
        output.Fill(Bias);
        for (var start = 0; start < output.Length; start += Block)
        {
            var rows = Math.Min(Block, output.Length - start);
            var block = features.Slice(start * Features, rows * Features);
            var sums = output.Slice(start, rows);
            foreach (var root in Roots)
            {
                for (var row = 0; row < sums.Length; row++)
                {
                    var values = block.Slice(row * Features, Features);
                    var node = root;
                    while (node >= 0)
                    {
                        node = values[Feature[node]] <= Threshold[node] ? Left[node] : Right[node];
                    }

                    sums[row] += Leaves[~node];
                }
            }
        }
    }

    /// <summary>The rule that the arrays break; null when any row can be scored: children lie behind their parents, so there is no circle.</summary>
    public string? BrokenRule()
    {
        var nodes = Feature.Length;
        if (Threshold.Length != nodes || Left.Length != nodes || Right.Length != nodes)
        {
            return "the trees' arrays differ in length";
        }

        for (var node = 0; node < nodes; node++)
        {
            if (Feature[node] < 0 || Feature[node] >= Features || float.IsNaN(Threshold[node]) || !IsChild(Left[node], node) || !IsChild(Right[node], node))
            {
                return $"node {node} of the trees is out of range";
            }
        }

        return Roots.Any(root => root >= nodes || (root < 0 && ~root >= Leaves.Length)) || Leaves.Any(leaf => !double.IsFinite(leaf)) || !double.IsFinite(Bias)
            ? "a root or a leaf of the trees is out of range"
            : null;

        bool IsChild(int child, int parent) => child >= 0 ? child > parent && child < nodes : ~child < Leaves.Length;
    }
}
