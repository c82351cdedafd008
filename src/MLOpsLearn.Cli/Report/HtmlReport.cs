using System.Globalization;
using System.Text;
using MLOpsLearn.Cli.Demo;

namespace MLOpsLearn.Cli.Report;

/// <summary>The demo's report as one page that needs no network: charts, table, verdict.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --live: #1f6feb; --frozen: #9a6700; --line: #8886; --heat: #cf222e; }
        @media (prefers-color-scheme: dark) { :root { --live: #58a6ff; --frozen: #d29922; --heat: #ff7b72; } }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; } svg text { fill: currentColor; } svg .grid { stroke: var(--line); stroke-width: .5; }
        svg path { fill: none; stroke-width: 2; } svg path.live { stroke: var(--live); } svg path.frozen { stroke: var(--frozen); stroke-dasharray: 6 4; }
        svg circle.live { fill: var(--live); } svg circle.frozen { fill: var(--frozen); } svg line.mark { stroke: currentColor; stroke-dasharray: 2 3; }
        svg rect.heat { fill: var(--heat); } svg rect.drifted { stroke: var(--heat); stroke-width: 2; }
        .key::before { content: "■ "; } .live.key { color: var(--live); } .frozen.key { color: var(--frozen); }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
        """;

    public static string Render(DemoResult result)
    {
        var months = result.Months.Select(month => month.Month).ToList();
        var promotions = result.Months.Select((month, i) => (i, month.Promoted)).Where(pair => pair.Promoted > 0).Select(pair => (pair.i, $"→ version {pair.Promoted}")).ToList();
        var features = result.Months.SelectMany(month => month.Effects.Keys).Distinct().ToList();
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>The loop on {Svg.Escape(result.Data)}</title><style>{Style}</style></head><body><main>");
        page.Append(CultureInfo.InvariantCulture, $"<h1>The loop on {(result.Data == "generated" ? "generated trips" : Svg.Escape(result.Data))}</h1><p><strong>{Svg.Escape(DemoTable.Verdict(result))}</strong></p>");
        page.Append("<p>Every month the trips are predicted and their durations come in later. The <span class=\"frozen key\">frozen</span> model is the first version, never retrained; the <span class=\"live key\">live</span> one is whatever the loop had in service.</p>");
        page.Append("<h2>Error by month</h2><p>RMSE in minutes: lower is better. It can fall by itself when trips become more alike; the skill below takes that out.</p>");
        page.Append(Svg.Lines("RMSE by month, frozen and live", months, [("frozen", "frozen", [.. result.Months.Select(m => m.RmseFrozen)]), ("live", "live", [.. result.Months.Select(m => m.RmseLive)])], promotions));
        page.Append("<h2>Skill by month</h2><p>1 − RMSE ÷ RMSE of the month's own mean: higher is better, 0 is no better than guessing the mean.</p>");
        page.Append(Svg.Lines("Skill by month, frozen and live", months, [("frozen", "frozen", [.. result.Months.Select(m => m.SkillFrozen)]), ("live", "live", [.. result.Months.Select(m => m.SkillLive)])], promotions));
        page.Append("<h2>Drift of the inputs</h2><p>Size of the difference to the reference of the version in service (Kolmogorov-Smirnov distance, balanced Cramér's V). A frame means drift: significant and large enough to matter.</p>");
        page.Append(Svg.HeatMap(
            "Effect by feature and month",
            months,
            [.. features.Select(feature => (feature, (IReadOnlyList<(double?, bool)>)[.. result.Months.Select(month =>
                (month.Effects.TryGetValue(feature, out var effect) ? effect : (double?)null, month.DriftedFeatures.Contains(feature)))]))],
            full: 0.4));
        AppendTable(page, result);
        page.Append(CultureInfo.InvariantCulture, $"<p>Linear baseline on the first replayed month: RMSE {result.LinearBaselineRmse:0.000}. Replayed {result.ReplayRowsPerSecond:N0} rows a second; from an alert to the first answer of the new version, less the fit, {result.LoopOverheadSeconds:0.00} s.</p></main></body></html>");
        return page.ToString();
    }

    private static void AppendTable(StringBuilder page, DemoResult result)
    {
        page.Append("<h2>Month by month</h2><table><thead><tr><th scope=\"col\">Month</th><th scope=\"col\">Rows</th><th scope=\"col\">Drift</th><th scope=\"col\">RMSE frozen</th><th scope=\"col\">RMSE live</th><th scope=\"col\">Version</th><th scope=\"col\">What the loop did</th></tr></thead><tbody>");
        foreach (var month in result.Months)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{month.Month}</th><td>{month.Rows:N0}</td><td>{(month.Drift ? Svg.Escape(string.Join(", ", month.DriftedFeatures)) : "no")}</td><td>{month.RmseFrozen:0.000}</td><td>{month.RmseLive:0.000}</td><td>{month.Version}</td><td>{string.Join("<br>", month.Events.Select(happened => $"<strong>{happened.Kind}</strong> {Svg.Escape(happened.Reason)}"))}</td></tr>");
        }

        page.Append("</tbody></table>");
    }
}
