using System.Globalization;
using System.Text;
using MLOpsLearn.Cli.Report;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison as one page without anything from outside: what changed first, then column by column.</summary>
internal static class DriftHtml
{
    // Ten thousand columns would make a page that no browser opens.
    private const int MostCards = 500;

    private const string Style = """
        :root { color-scheme: light dark; --ink: #1d2330; --soft: #5b6478; --line: #dfe3ea; --paper: #fff; --card: #f7f8fb; --a: #b4bccb; --b: #1f5fbf; --bad: #b3261e; --good: #1b7f4b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9f0; --soft: #a0a9bb; --line: #343b4a; --paper: #14181f; --card: #1b2029; --a: #556075; --b: #7fb0ff; --bad: #ff8a80; --good: #6fd19b; } }
        * { box-sizing: border-box; } body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; } h4 { font-size: .85rem; margin: .9rem 0 .3rem; color: var(--soft); }
        a { color: inherit; } p { margin: .3rem 0; overflow-wrap: anywhere; } .soft, svg text, summary { color: var(--soft); fill: var(--soft); font-size: 12.5px; } .bad { color: var(--bad); } .good { color: var(--good); }
        table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; } td, th { padding: .28rem .7rem .28rem 0; text-align: right; border-bottom: 1px solid var(--line); font-weight: normal; vertical-align: middle; white-space: nowrap; }
        th { color: var(--soft); } td.name, th.name { text-align: left; white-space: normal; overflow-wrap: anywhere; } .overview { width: 100%; } .scroll { overflow-x: auto; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem; margin: .8rem 0; } .row { display: grid; grid-template-columns: minmax(0, 11fr) minmax(0, 10fr); gap: 1rem 2rem; align-items: start; } @media (max-width: 900px) { .row { grid-template-columns: minmax(0, 1fr); } } td.fit, th.fit { white-space: nowrap; }
        .a { fill: var(--a); } .b { fill: none; stroke: var(--b); stroke-width: 2; } .small .b { stroke-width: 1.4; } .tip { fill: transparent; } .axis { stroke: var(--line); } svg { max-width: 100%; height: auto; }
        .key i { display: inline-block; width: 1em; height: .7em; margin: 0 .3em 0 .9em; } .key .ka { background: var(--a); } .key .kb { border: 2px solid var(--b); }
        .bar { display: inline-block; height: .6em; background: var(--b); vertical-align: middle; } code { font-size: 12px; overflow-wrap: anywhere; } details > summary { cursor: pointer; padding: .3rem 0; }
        """;

    public static string Of(DriftResult result)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
            .Append(result.Drifted ? "Drift" : "No drift").Append("</title><style>").Append(Style).Append("</style></head><body><main>");
        Head(page, result);
        for (var i = 0; i < result.Outcomes.Count; i++)
        {
            Outcome(page, result, result.Outcomes[i], i);
        }

        return page.Append("</main></body></html>").ToString();
    }

    private static void Head(StringBuilder page, DriftResult result)
    {
        var (reference, current) = (result.Reference, result.Current);
        page.Append(CultureInfo.InvariantCulture, $"<h1 class=\"{(result.Drifted ? "bad" : "good")}\">{Svg.Escape(DriftTable.Verdict(result))}</h1>");
        page.Append("<div class=\"scroll\"><table><tr><th class=\"name\"></th><th class=\"name\">file</th><th>rows</th><th>columns</th></tr>");
        page.Append(CultureInfo.InvariantCulture, $"<tr><th class=\"name\">reference</th><td class=\"name\">{Svg.Escape(result.Settings.Reference)}</td><td>{reference.Rows:N0}</td><td>{reference.Columns:N0}</td></tr>");
        page.Append(CultureInfo.InvariantCulture, $"<tr><th class=\"name\">current</th><td class=\"name\">{Svg.Escape(result.Settings.Current)}</td><td>{current.Rows:N0}</td><td>{current.Columns:N0}</td></tr></table></div>");
        page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Rule <code>{Svg.Escape(result.Rule)}</code>, {result.Tests} tests.</p>");
        page.Append("<p class=\"soft key\"><i class=\"ka\"></i>reference<i class=\"kb\"></i>current</p>");
        if (result.Findings.Count > 0)
        {
            page.Append("<h2>Findings</h2><ul>");
            foreach (var finding in result.Findings.OrderByDescending(finding => finding.Breaks))
            {
                page.Append(CultureInfo.InvariantCulture, $"<li{(finding.Breaks ? " class=\"bad\"" : string.Empty)}>{Svg.Escape(finding.Message)}</li>");
            }

            page.Append("</ul>");
        }
    }

    private static void Outcome(StringBuilder page, DriftResult result, DriftOutcome outcome, int number)
    {
        var title = result.Settings.Segment is { } segment ? $"{segment} = {outcome.Segment ?? "null"}" : "Columns";
        page.Append("<h2>").Append(Svg.Escape(title)).Append("</h2><div class=\"scroll\"><table class=\"overview\"><thead><tr><th class=\"name\" scope=\"col\">column</th><th class=\"name fit\" scope=\"col\">verdict</th><th class=\"name\" scope=\"col\">what changed</th>")
            .Append(outcome.Evidently is null ? "<th scope=\"col\">adjusted p</th><th scope=\"col\">effect</th>" : "<th scope=\"col\">score</th><th scope=\"col\">limit</th>")
            .Append("<th scope=\"col\">PSI</th><th scope=\"col\">missing</th><th scope=\"col\">distribution</th></tr></thead><tbody>");
        var columns = outcome.Columns.Select((column, i) => (column, id: FormattableString.Invariant($"c{number}-{i}")))
            .OrderByDescending(pair => Changes.Strength(pair.column)).ToList();
        for (var i = 0; i < columns.Count; i++)
        {
            Overview(page, columns[i].column, columns[i].id, hasCard: i < MostCards);
        }

        page.Append("</tbody></table></div>");
        var cards = columns.Take(MostCards).ToList();
        foreach (var (column, id) in cards.Where(pair => pair.column.Drifted))
        {
            DriftHtmlColumn.Append(page, column, id);
        }

        if (cards.Count < columns.Count)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">The {cards.Count} most important of {columns.Count} columns are shown one by one; --columns shows others.</p>");
        }

        var quiet = cards.Where(pair => !pair.column.Drifted).ToList();
        if (quiet.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<details><summary>{quiet.Count} {(quiet.Count == 1 ? "column" : "columns")} without drift, one by one</summary>");
            foreach (var (column, id) in quiet)
            {
                DriftHtmlColumn.Append(page, column, id);
            }

            page.Append("</details>");
        }
    }

    private static void Overview(StringBuilder page, ComparedColumn column, string id, bool hasCard)
    {
        var drift = column.Drift;
        page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"name\">{(hasCard ? $"<a href=\"#{id}\">{Svg.Escape(drift.Name)}</a>" : Svg.Escape(drift.Name))}</td><td class=\"name fit{(column.Drifted ? " bad" : string.Empty)}\">{DriftTable.Word(column)}</td><td class=\"name\">{Svg.Escape(Changes.Of(column))}</td>");
        page.Append(column.Evidently is { } profile
            ? $"<td>{Changes.Number(profile.Score)}</td><td>{Changes.Number(profile.Threshold)}</td>"
            : $"<td>{Svg.Escape(Changes.P(column.Deciding.AdjustedPValue))}</td><td>{Changes.Number(column.Deciding.Effect.Statistic)}</td>");
        page.Append(CultureInfo.InvariantCulture, $"<td>{Changes.Number(drift.Psi)}</td><td class=\"fit\">{(drift.Reference.Missing + drift.Current.Missing == 0 ? string.Empty : Changes.Missing(drift))}</td><td>{DriftCharts.Small(column.Histogram)}</td></tr>");
    }
}
