using System.Globalization;
using System.Text;
using MLOpsLearn.Cli.Report;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison as one page without anything from outside: distributions over each other, what each bin adds to the PSI, missing and new values.</summary>
internal static class DriftHtml
{
    private const int Bars = 24;
    private const int Width = 520;
    private const int Height = 150;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1d2330; --soft: #667; --line: #d5d9e2; --paper: #fff; --a: #8a94a8; --b: #2563c9; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #9aa3b5; --line: #353c4b; --paper: #161a22; --a: #7d8799; --b: #6ea8ff; --bad: #ff8a80; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1060px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 0; } section { border-top: 1px solid var(--line); padding: 1rem 0; }
        .row { display: flex; flex-wrap: wrap; gap: 1.5rem; } table { border-collapse: collapse; font-size: 13px; } td, th { padding: .1rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
        td:first-child, th:first-child { text-align: left; } .drifted h2, .bad { color: var(--bad); } .soft, svg text { color: var(--soft); fill: var(--soft); font-size: 12px; }
        .a { fill: var(--a); fill-opacity: .55; } .b { fill: none; stroke: var(--b); stroke-width: 2; } .key { fill: var(--b); fill-opacity: .6; }
        """;

    public static string Of(DriftSettings settings, IReadOnlyList<DriftOutcome> outcomes, IReadOnlyList<string> findings)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Drift</title><style>")
            .Append(Style).Append("</style></head><body><h1>").Append(outcomes.Any(outcome => outcome.Drifted) ? "Drift" : "No drift").Append("</h1><p>")
            .Append(Svg.Escape($"{settings.Current} against {settings.Reference}. Filled: reference. Line: current.")).Append("</p>");
        foreach (var finding in findings)
        {
            page.Append("<p class=\"bad\">").Append(Svg.Escape(finding)).Append("</p>");
        }

        foreach (var outcome in outcomes)
        {
            page.Append("<p class=\"soft\">").Append(Svg.Escape($"{(outcome.Segment is { } segment ? $"Segment {segment}: " : "")}{(outcome.Evidently is null ? outcome.Report.Rule : "evidently-compatible(0.7)")}")).Append("</p>");
            foreach (var i in Enumerable.Range(0, outcome.Columns.Count).OrderByDescending(i => outcome.Report.Columns[i].Drifted))
            {
                Column(page, outcome, i);
            }
        }

        return page.Append("</body></html>").ToString();
    }

    private static void Column(StringBuilder page, DriftOutcome outcome, int i)
    {
        var (column, (reference, current)) = (outcome.Report.Columns[i], outcome.Columns[i]);
        var profile = outcome.Evidently?.Columns[i];
        var drifted = profile?.Drifted ?? column.Drifted;
        page.Append(CultureInfo.InvariantCulture, $"<section{(drifted ? " class=\"drifted\"" : "")}><h2>{Svg.Escape(column.Name)}</h2><div class=\"row\"><div>");
        page.Append(Overlay(column.Name, Histogram.Of(reference, current, Bars))).Append("</div><div><table>");
        if (profile is not null)
        {
            Fact(page, profile.Result.Method, $"{Number(profile.Score)} (limit {Number(profile.Threshold)})");
        }

        Fact(page, column.Method, column.Undefined?.WireName() ?? $"p {Number(column.Values.Test.PValue)}, adjusted {Number(column.Values.AdjustedPValue)}");
        Fact(page, $"effect {column.Values.Effect.Method}", $"{Number(column.Values.Effect.Statistic)} (floor {Number(column.Values.EffectFloor)})");
        foreach (var distance in column.Distances)
        {
            Fact(page, distance.Method, distance.Undefined?.WireName() ?? Number(distance.Statistic));
        }

        Fact(page, "missing", $"{column.Reference.MissingShare:P2} → {column.Current.MissingShare:P2}{(column.Missingness?.Drifted == true ? " drifted" : "")}");
        Fact(page, "rows", string.Create(CultureInfo.InvariantCulture, $"{column.Reference.Rows:N0} → {column.Current.Rows:N0}"));
        if (column.Reference.TypeViolations + column.Current.TypeViolations > 0)
        {
            Fact(page, "not of the type", string.Create(CultureInfo.InvariantCulture, $"{column.Reference.TypeViolations:N0} → {column.Current.TypeViolations:N0}"));
        }

        Names(page, "new categories", column.NewCategories);
        Names(page, "gone categories", column.GoneCategories);
        page.Append("</table></div></div>");
        Contributions(page, reference, current);
        page.Append("</section>");
    }

    private static void Contributions(StringBuilder page, DriftColumn reference, DriftColumn current)
    {
        var parts = reference.NumericSample is { } left && current.NumericSample is { } right ? BinnedDistance.PsiContributions(new NumericPair(left, right))
            : reference.CategoricalSample is { } before && current.CategoricalSample is { } after ? CategoryDivergence.PsiContributions(new CategoricalPair(before, after))
            : [];
        if (parts.Count == 0)
        {
            return;
        }

        page.Append("<details><summary class=\"soft\">What each bin adds to the PSI</summary><table><tr><th>bin</th><th>reference</th><th>current</th><th>adds</th></tr>");
        foreach (var part in parts.OrderByDescending(part => part.Contribution).Take(20))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Svg.Escape(part.Bin)}</td><td>{part.Reference:P2}</td><td>{part.Current:P2}</td><td>{part.Contribution:0.0000}</td></tr>");
        }

        page.Append("</table></details>");
    }

    private static string Overlay(string name, Histogram histogram)
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\" role=\"img\"><title>{Svg.Escape(name)}: reference filled, current as line</title>");
        double step = (double)Width / Math.Max(1, histogram.Labels.Count), scale = (Height - 24) / histogram.Largest;
        var line = new StringBuilder();
        for (var i = 0; i < histogram.Labels.Count; i++)
        {
            double left = histogram.Reference[i] * scale, right = histogram.Current[i] * scale;
            var tip = Svg.Escape(FormattableString.Invariant($"{histogram.Labels[i]}: {histogram.Reference[i]:P2} → {histogram.Current[i]:P2}"));
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"a\" x=\"{i * step:0.#}\" y=\"{Height - 20 - left:0.#}\" width=\"{step - 1:0.#}\" height=\"{left:0.#}\"><title>{tip}</title></rect>");
            line.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{i * step:0.#} {Height - 20 - right:0.#}H{(i + 1) * step - 1:0.#}");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"b\" d=\"{line}\"/>");
        if (histogram.Labels.Count > 0)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{Height - 4}\">{Svg.Escape(histogram.Labels[0])}</text><text x=\"{Width}\" y=\"{Height - 4}\" text-anchor=\"end\">{Svg.Escape(histogram.Labels[^1])}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Fact(StringBuilder page, string name, string value) =>
        page.Append("<tr><td>").Append(Svg.Escape(name)).Append("</td><td>").Append(Svg.Escape(value)).Append("</td></tr>");

    private static void Names(StringBuilder page, string name, IReadOnlyList<CategoryCount> categories)
    {
        if (categories.Count > 0)
        {
            Fact(page, name, string.Join(", ", categories.Take(8).Select(category => $"{category.Key} ({category.Count})")) + (categories.Count > 8 ? ", …" : ""));
        }
    }

    private static string Number(double? value) => value?.ToString("G4", CultureInfo.InvariantCulture) ?? "–";
}
