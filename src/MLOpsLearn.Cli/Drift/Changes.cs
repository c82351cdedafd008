using System.Globalization;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Cli.Drift;

/// <summary>What changed in a column, in a few words: the largest move, new and vanished categories, missing values.</summary>
internal static class Changes
{
    private const int Named = 3;
    private const double LeastMove = 0.02;
    private const double LeastShare = 0.005;

    // A reference category that would hardly show in the current rows by chance is not called vanished.
    private const double LeastExpected = 5;

    public static string Of(ComparedColumn column)
    {
        var parts = new List<string>();
        if (column.Drift.Missingness?.Drifted == true)
        {
            parts.Add($"missing {Missing(column.Drift)}");
        }

        if (Move(column) is { } move)
        {
            parts.Add(move);
        }

        if (column.Drift.NewCategories.Count > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{column.Drift.NewCategoryShare:P1} new: {Names(column.Drift.NewCategories)}"));
        }

        if (Vanished(column.Drift) is { Count: > 0 } vanished)
        {
            parts.Add($"vanished: {Names(vanished)}");
        }

        return string.Join("; ", parts);
    }

    /// <summary>Reference categories that the current rows should have held at least five times, and don't.</summary>
    public static IReadOnlyList<CategoryCount> Vanished(ColumnDrift drift) =>
        [.. drift.GoneCategories.Where(category => (double)category.Count / drift.Reference.Valid * drift.Current.Valid >= LeastExpected)];

    public static string Missing(ColumnDrift drift) =>
        string.Create(CultureInfo.InvariantCulture, $"{drift.Reference.MissingShare:P1} → {drift.Current.MissingShare:P1}");

    /// <summary>How far a difference lies above what counts: the order of what people should look at first.</summary>
    public static double Strength(ComparedColumn column) => !column.Drifted ? column.IsJudged ? 0 : -1
        : 1 + Math.Max(Times(column.Drift.Values), column.Drift.Missingness is { } missingness ? Times(missingness) : 0);

    /// <summary>A p-value; the smallest ones are beyond what a double holds.</summary>
    public static string P(double? value) => value < 1e-300 ? "<1E-300" : Number(value);

    public static string Number(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "–";

    private static double Times(TestVerdict verdict) => verdict.Drifted == true && verdict.EffectFloor > 0 ? verdict.Effect.Statistic / verdict.EffectFloor ?? 0 : 0;

    private static string Names(IReadOnlyList<CategoryCount> categories) =>
        string.Join(", ", categories.Take(Named).Select(category => Short(category.Key.ToString()))) + (categories.Count > Named ? ", …" : string.Empty);

    private static string? Move(ComparedColumn column)
    {
        var isFewValues = column.Drift.Kind == ColumnKind.Numeric && column.Histogram is { Range: null, Labels.Count: > 0 };
        if (!isFewValues && column is { Reference: { } before, Current: { } after })
        {
            // The mean only when no quantile tells it: one absurd value moves a mean anywhere.
            var width = before.P95 - before.P05 is > 0 and var spread ? spread : Math.Max(1e-300, Math.Abs(before.Median ?? 0));
            (string Name, double? Was, double? Now)[] quantiles = [("median", before.Median, after.Median), ("p95", before.P95, after.P95), ("p5", before.P05, after.P05)];
            var most = quantiles.MaxBy(pair => Size(pair.Was, pair.Now));
            most = Size(most.Was, most.Now) >= LeastMove ? most : ("mean", before.Mean, after.Mean);
            if (Size(most.Was, most.Now) >= LeastMove)
            {
                return $"{most.Name} {Number(most.Was)} → {Number(most.Now)}";
            }

            double Size(double? was, double? now) => Math.Abs((now - was) / width ?? 0);
        }

        // The bin, category or value that moved most.
        var shares = isFewValues
            ? column.Histogram.Labels.Select((label, i) => (Label: label, Was: column.Histogram.Reference[i], Now: column.Histogram.Current[i]))
            : column.Contributions.Select(part => (Label: column.Drift.Kind == ColumnKind.Categorical ? $"'{Short(part.Bin)}'" : part.Bin, Was: part.Reference, Now: part.Current));
        var (name, was, now) = shares.DefaultIfEmpty().MaxBy(share => Math.Abs(share.Now - share.Was));
        return Math.Abs(now - was) >= LeastShare
            ? string.Create(CultureInfo.InvariantCulture, $"{name}: {was:P1} → {now:P1}")
            : null;
    }

    private static string Short(string text) => text.Length > 30 ? text[..30] + "…" : text;
}
