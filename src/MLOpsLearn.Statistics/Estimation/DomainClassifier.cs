using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Multivariate drift by asking a classifier which side a row comes from: reference rows are labelled 0, current ones 1, each row is scored
/// by a model of the other four folds, and the area under the ROC curve over all scores is the statistic. .5 without drift. Finds changes of
/// how columns hang together that no column shows alone. Model and seed are part of the identity.
/// </summary>
public static class DomainClassifier
{
    private const int Folds = 5;
    private const int Trees = 50;
    private const double Rate = 0.1;
    private const int FewestRows = 10;

    /// <summary>Rows a side that take part at most; more are sampled down, and the identity says so.</summary>
    public const int LargestSide = 10_000;

    /// <summary>
    /// Tests whole rows. Fires when the area exceeds .5 + 3 sqrt((N + 1) / (12 n m)), three deviations of the area of a classifier that knows
    /// nothing. Undefined below 10 rows a side.
    /// </summary>
    /// <param name="reference">Columns of the reference, of equal length.</param>
    /// <param name="current">The same columns of the window.</param>
    /// <param name="seed">Seed of the folds and the sample; part of the identity.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public static RuleVerdict Test(
        IReadOnlyList<FeatureColumn> reference, IReadOnlyList<FeatureColumn> current, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        var encoder = RowEncoder.Fit(reference);
        return Test(encoder.Encode(reference), encoder.Encode(current), seed, cancellationToken);
    }

    /// <summary>Tests complete rows of numbers.</summary>
    public static RuleVerdict Test(
        IReadOnlyList<double[]> reference, IReadOnlyList<double[]> current, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var sampled = Math.Max(reference.Count, current.Count) > LargestSide ? $",sample={LargestSide}" : string.Empty;
        var method = FormattableString.Invariant(
            $"domain-classifier(model={BoostedTrees.Identity(Trees, Rate)},folds={Folds},seed={seed}{sampled})");
        const string rule = "above(0.5+3*sqrt((N+1)/(12nm)))";
        if (reference.Count < FewestRows || current.Count < FewestRows)
        {
            var reason = reference.Count == 0 ? UndefinedReason.EmptyReference
                : current.Count == 0 ? UndefinedReason.EmptyCurrent
                : UndefinedReason.TooFew;
            return new(rule, MethodResult.Without(method, reason), null, null);
        }

        var random = new SeededRandom(seed);
        double[][] left = Shuffled(reference, ref random), right = Shuffled(current, ref random);
        double[][] rows = [.. left, .. right];
        double[] outcomes = [.. left.Select(_ => 0.0), .. right.Select(_ => 1.0)];

        // Rows are in random order already: every fifth row of each side is a fold, so that folds keep the proportion of the sides.
        int[] fold = [.. left.Select((_, i) => i % Folds), .. right.Select((_, i) => i % Folds)];
        var scores = new double[rows.Length];
        for (var part = 0; part < Folds; part++)
        {
            int[] others = [.. Enumerable.Range(0, rows.Length).Where(i => fold[i] != part)];
            var model = BoostedTrees.FitProbabilities(
                [.. others.Select(i => rows[i])], [.. others.Select(i => outcomes[i])], Trees, Rate, cancellationToken);
            for (var i = 0; i < rows.Length; i++)
            {
                scores[i] = fold[i] == part ? model.Predict(rows[i]) : scores[i];
            }
        }

        double n = left.Length, m = right.Length;
        var auc = new ScoreCurve(scores, outcomes).RocAuc()!.Value;
        var limit = 0.5 + 3 * Math.Sqrt((n + m + 1) / (12 * n * m));
        return new(rule, MethodResult.Of(method, auc), limit, auc > limit);
    }

    private static double[][] Shuffled(IReadOnlyList<double[]> rows, ref SeededRandom random)
    {
        double[][] copy = [.. rows];
        var count = Math.Min(copy.Length, LargestSide);
        random.Choose(copy.AsSpan(), count);
        return copy[..count];
    }
}
