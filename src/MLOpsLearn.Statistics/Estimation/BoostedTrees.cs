using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Gradient-boosted trees of depth 3 on 64 quantile bins a feature (Friedman 2001, second-order leaves with an L2 term of 1), for numbers
/// or for probabilities. Deterministic: no sampling, ties to the first feature and bin. Immutable once fitted.
/// </summary>
public sealed class BoostedTrees
{
    private const int Depth = 3;
    private const int Leaves = 1 << Depth;
    private const int Bins = 64;
    private const double LeafPenalty = 1;
    private const double SmallestLeaf = 10;

    private readonly double[][] _borders;
    private readonly Tree[] _trees;
    private readonly double _start;
    private readonly double _rate;
    private readonly bool _probability;

    private BoostedTrees(double[][] borders, Tree[] trees, double start, double rate, bool probability) =>
        (_borders, _trees, _start, _rate, _probability) = (borders, trees, start, rate, probability);

    /// <summary>Parameters, as part of the identity of what is estimated with it.</summary>
    public static string Identity(int trees, double rate) =>
        FormattableString.Invariant($"gbdt(trees={trees},depth={Depth},rate={rate},bins={Bins})");

    /// <summary>Fits numbers by squared loss.</summary>
    /// <param name="rows">Complete rows of equal width, at least one.</param>
    /// <param name="targets">One a row.</param>
    /// <param name="trees">Rounds.</param>
    /// <param name="rate">Step of a round, above 0 and at most 1.</param>
    /// <param name="cancellationToken">Ends the fit.</param>
    public static BoostedTrees FitNumbers(
        IReadOnlyList<double[]> rows, ReadOnlySpan<double> targets, int trees = 50, double rate = 0.1, CancellationToken cancellationToken = default) =>
        Fit(rows, targets, trees, rate, probability: false, cancellationToken);

    /// <summary>Fits probabilities of outcomes 0 and 1 by logistic loss.</summary>
    /// <param name="rows">Complete rows of equal width, at least one.</param>
    /// <param name="outcomes">0 or 1, one a row.</param>
    /// <param name="trees">Rounds.</param>
    /// <param name="rate">Step of a round, above 0 and at most 1.</param>
    /// <param name="cancellationToken">Ends the fit.</param>
    public static BoostedTrees FitProbabilities(
        IReadOnlyList<double[]> rows, ReadOnlySpan<double> outcomes, int trees = 50, double rate = 0.1, CancellationToken cancellationToken = default) =>
        Fit(rows, outcomes, trees, rate, probability: true, cancellationToken);

    /// <summary>The number or probability of a row.</summary>
    public double Predict(ReadOnlySpan<double> row)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(row.Length, _borders.Length, nameof(row));
        var sum = _start;
        foreach (var tree in _trees)
        {
            var node = 1;
            for (var level = 0; level < Depth; level++)
            {
                var feature = tree.Feature[node];
                node = 2 * node + (feature >= 0 && row[feature] > _borders[feature][tree.Bin[node]] ? 1 : 0);
            }

            sum += _rate * tree.Leaf[node - Leaves];
        }

        return _probability ? 1 / (1 + Math.Exp(-sum)) : sum;
    }

    private static BoostedTrees Fit(
        IReadOnlyList<double[]> rows, ReadOnlySpan<double> targets, int trees, double rate, bool probability, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        ArgumentOutOfRangeException.ThrowIfNotEqual(targets.Length, rows.Count, nameof(targets));
        ArgumentOutOfRangeException.ThrowIfLessThan(trees, 1);
        var borders = Enumerable.Range(0, rows[0].Length).Select(j => Borders([.. rows.Select(row => row[j])])).ToArray();
        var bins = borders.Select((edges, j) => rows.Select(row => BinOf(edges, row[j])).ToArray()).ToArray();
        var mean = Moments.Of(targets).Mean;
        var start = probability ? Math.Log(Math.Clamp(mean, 1e-6, 1 - 1e-6) / (1 - Math.Clamp(mean, 1e-6, 1 - 1e-6))) : mean;
        var (sums, gradients, weights, nodes) = (new double[rows.Count], new double[rows.Count], new double[rows.Count], new int[rows.Count]);
        Array.Fill(sums, start);
        var grown = new Tree[trees];
        for (var round = 0; round < trees; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < sums.Length; i++)
            {
                var p = probability ? 1 / (1 + Math.Exp(-sums[i])) : sums[i];
                (gradients[i], weights[i]) = (targets[i] - p, probability ? p * (1 - p) : 1);
            }

            grown[round] = Grow(bins, gradients, weights, nodes);
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += rate * grown[round].Leaf[nodes[i] - Leaves];
            }
        }

        return new(borders, grown, start, rate, probability);
    }

    // Level by level; afterwards nodes hold the leaf of every row.
    private static Tree Grow(byte[][] bins, double[] gradients, double[] weights, int[] nodes)
    {
        var tree = new Tree(new int[Leaves], new int[Leaves], new double[Leaves]);
        Array.Fill(nodes, 1);
        for (var width = 1; width < Leaves; width *= 2)
        {
            var gain = new double[width];
            Array.Fill(tree.Feature, -1, width, width);
            for (var feature = 0; feature < bins.Length; feature++)
            {
                var sums = new (double Gradient, double Weight, int Rows)[width * Bins];
                for (var i = 0; i < nodes.Length; i++)
                {
                    ref var cell = ref sums[(nodes[i] - width) * Bins + bins[feature][i]];
                    cell = (cell.Gradient + gradients[i], cell.Weight + weights[i], cell.Rows + 1);
                }

                for (var node = 0; node < width; node++)
                {
                    Split(tree, width + node, feature, sums.AsSpan(node * Bins, Bins), ref gain[node]);
                }
            }

            for (var i = 0; i < nodes.Length; i++)
            {
                var feature = tree.Feature[nodes[i]];
                nodes[i] = 2 * nodes[i] + (feature >= 0 && bins[feature][i] > tree.Bin[nodes[i]] ? 1 : 0);
            }
        }

        var (gradient, weight) = (new double[Leaves], new double[Leaves]);
        for (var i = 0; i < nodes.Length; i++)
        {
            gradient[nodes[i] - Leaves] += gradients[i];
            weight[nodes[i] - Leaves] += weights[i];
        }

        for (var leaf = 0; leaf < Leaves; leaf++)
        {
            tree.Leaf[leaf] = gradient[leaf] / (weight[leaf] + LeafPenalty);
        }

        return tree;
    }

    private static void Split(Tree tree, int node, int feature, ReadOnlySpan<(double Gradient, double Weight, int Rows)> cells, ref double best)
    {
        double gradient = 0, weight = 0, left = 0, leftWeight = 0;
        int rows = 0, leftRows = 0;
        foreach (var cell in cells)
        {
            (gradient, weight, rows) = (gradient + cell.Gradient, weight + cell.Weight, rows + cell.Rows);
        }

        var whole = gradient * gradient / (weight + LeafPenalty);
        for (var bin = 0; bin < Bins - 1; bin++)
        {
            (left, leftWeight, leftRows) = (left + cells[bin].Gradient, leftWeight + cells[bin].Weight, leftRows + cells[bin].Rows);
            if (leftRows < SmallestLeaf || rows - leftRows < SmallestLeaf)
            {
                continue;
            }

            var right = gradient - left;
            var gain = left * left / (leftWeight + LeafPenalty) + right * right / (weight - leftWeight + LeafPenalty) - whole;
            if (gain > best)
            {
                (best, tree.Feature[node], tree.Bin[node]) = (gain, feature, bin);
            }
        }
    }

    private static double[] Borders(double[] values)
    {
        var sorted = NumericSample.Create(values);
        return sorted.Count == 0 ? [] : [.. Enumerable.Range(1, Bins - 1).Select(i => sorted.Quantile((double)i / Bins)).Distinct()];
    }

    // Number of borders below the value.
    private static byte BinOf(double[] borders, double value)
    {
        int low = 0, high = borders.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = value > borders[middle] ? (middle + 1, high) : (low, middle);
        }

        return (byte)low;
    }

    // Nodes are numbered like a heap from 1; the leaves follow the last level.
    private sealed record Tree(int[] Feature, int[] Bin, double[] Leaf);
}
