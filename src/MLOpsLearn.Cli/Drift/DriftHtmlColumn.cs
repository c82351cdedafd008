using System.Globalization;
using System.Text;
using MLOpsLearn.Cli.Report;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Cli.Drift;

/// <summary>One column of the page: chart, tests with their identities, quantiles, missing rows, what each bin adds, new and vanished categories.</summary>
internal static class DriftHtmlColumn
{
    private const int MostBins = 12;
    private const int MostCategories = 20;

    public static void Append(StringBuilder page, ComparedColumn column, string id)
    {
        var drift = column.Drift;
        page.Append(CultureInfo.InvariantCulture, $"<section class=\"card\" id=\"{id}\"><h3>{Svg.Escape(drift.Name)} <span class=\"{(column.Drifted ? "bad" : "soft")}\">{DriftTable.Word(column)}</span></h3>");
        page.Append("<p>").Append(Svg.Escape(Changes.Of(column))).Append("</p><div class=\"row\"><div>").Append(DriftCharts.Overlay(drift.Name, column.Histogram));
        Contributions(page, column);
        Categories(page, "New categories", drift.NewCategories, drift.Current.Valid);
        Categories(page, "Vanished categories", drift.GoneCategories, drift.Reference.Valid);
        page.Append("</div><div>");
        Sides(page, column);
        Tests(page, column);
        page.Append("</div></div></section>");
    }

    private static void Sides(StringBuilder page, ComparedColumn column)
    {
        page.Append("<table><tr><th class=\"name\"></th><th>reference</th><th>current</th></tr>");
        Side("rows", column.Drift.Reference.Rows, column.Drift.Current.Rows, counted: true);
        Side("missing", column.Drift.Reference.Missing, column.Drift.Current.Missing);
        Side("infinite", column.Drift.Reference.Infinite, column.Drift.Current.Infinite);
        Side("not of the kind", column.Drift.Reference.TypeViolations, column.Drift.Current.TypeViolations);
        if (column is { Reference: { } before, Current: { } after })
        {
            foreach (var (name, was, now) in ((string Name, double? Was, double? Now)[])[
                ("mean", before.Mean, after.Mean), ("standard deviation", before.StandardDeviation, after.StandardDeviation), ("minimum", before.Minimum, after.Minimum),
                ("5 %", before.P05, after.P05), ("median", before.Median, after.Median), ("95 %", before.P95, after.P95), ("maximum", before.Maximum, after.Maximum)])
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{name}</td><td>{Changes.Number(was)}</td><td>{Changes.Number(now)}</td></tr>");
            }
        }

        page.Append("</table>");

        void Side(string name, long was, long now, bool counted = false)
        {
            if (counted)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{name}</td><td>{was:N0}</td><td>{now:N0}</td></tr>");
            }
            else if (was + now > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{name}</td><td>{Share(was, column.Drift.Reference)}</td><td>{Share(now, column.Drift.Current)}</td></tr>");
            }
        }

        static string Share(long rows, ValueCounts counts) =>
            string.Create(CultureInfo.InvariantCulture, $"{rows:N0} ({(counts.Rows == 0 ? 0 : (double)rows / counts.Rows):P1})");
    }

    private static void Tests(StringBuilder page, ComparedColumn column)
    {
        page.Append("<h4>Tests</h4><table><tr><th class=\"name\">method</th><th>value</th><th>p</th><th>adjusted p</th></tr>");
        if (column.Evidently is { } profile)
        {
            Line(profile.Result, null);
        }

        Line(column.Drift.Values.Test, column.Drift.Values.AdjustedPValue);
        Effect(column.Drift.Values);
        if (column.Drift.Missingness is { } missingness)
        {
            Line(missingness.Test, missingness.AdjustedPValue);
            Effect(missingness);
        }

        foreach (var distance in column.Drift.Distances)
        {
            Line(distance, null);
        }

        page.Append("</table>");

        void Line(MethodResult result, double? adjusted) => page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td class=\"name\"><code>{Svg.Escape(result.Method)}</code></td><td>{result.Undefined?.WireName() ?? Changes.Number(result.Statistic)}</td><td>{(result.PValue is { } p ? Svg.Escape(Changes.P(p)) : string.Empty)}</td><td>{(adjusted is { } q ? Svg.Escape(Changes.P(q)) : string.Empty)}</td></tr>");

        void Effect(TestVerdict verdict) => page.Append(
            CultureInfo.InvariantCulture,
            $"<tr><td class=\"name\">effect <code>{Svg.Escape(verdict.Effect.Method)}</code></td><td>{Changes.Number(verdict.Effect.Statistic)}</td><td colspan=\"2\" class=\"soft\">counts from {Changes.Number(verdict.EffectFloor)}</td></tr>");
    }

    private static void Contributions(StringBuilder page, ComparedColumn column)
    {
        if (column.Contributions.Count == 0)
        {
            return;
        }

        var largest = Math.Max(1e-12, column.Contributions.Max(part => part.Contribution));
        page.Append("<h4>What each bin adds to the PSI</h4><table><tr><th class=\"name\">bin</th><th>reference</th><th>current</th><th>adds</th><th class=\"name\"></th></tr>");

        // Bins of numbers in their order; of many categories those that add most.
        var shown = column.Contributions.Count <= MostBins ? column.Contributions : [.. column.Contributions.OrderByDescending(part => part.Contribution).Take(MostBins)];
        foreach (var part in shown)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{Svg.Escape(part.Bin.Length == 0 ? "(empty)" : part.Bin)}</td><td>{part.Reference:P1}</td><td>{part.Current:P1}</td><td>{part.Contribution:0.0000}</td><td class=\"name\"><span class=\"bar\" style=\"width:{70 * part.Contribution / largest:0}px\"></span></td></tr>");
        }

        page.Append("</table>");
        if (shown.Count < column.Contributions.Count)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">and {column.Contributions.Count - shown.Count} more that add less</p>");
        }
    }

    private static void Categories(StringBuilder page, string title, IReadOnlyList<CategoryCount> categories, long rows)
    {
        if (categories.Count == 0)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"<h4>{title}</h4><p>");
        page.AppendJoin(", ", categories.Take(MostCategories).Select(category => string.Create(
            CultureInfo.InvariantCulture, $"{Svg.Escape(category.Key.ToString())} <span class=\"soft\">({(double)category.Count / rows:P2})</span>")));
        page.Append(categories.Count > MostCategories ? ", …</p>" : "</p>");
    }
}
