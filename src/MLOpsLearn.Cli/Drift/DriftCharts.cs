using System.Globalization;
using System.Text;
using MLOpsLearn.Cli.Report;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The two sides of a column over each other, as inline SVG: the reference filled, the current side as an outline.</summary>
internal static class DriftCharts
{
    private const int Width = 540;
    private const int Height = 190;
    private const int Floor = Height - 22;
    private const int Row = 22;
    private const int LabelWidth = 140;
    private const int ShareWidth = 130;
    private const int LongestLabel = 22;

    /// <summary>Columns for numbers, rows for categories and values; empty when a side has no values.</summary>
    public static string Overlay(string name, Histogram histogram) =>
        histogram.Labels.Count == 0 ? "<p class=\"soft\">A side has no values to draw.</p>"
        : histogram.Range is { } range ? Ranges(name, histogram, range)
        : Rows(name, histogram);

    /// <summary>Both sides in the size of a word.</summary>
    public static string Small(Histogram histogram)
    {
        const int width = 120, height = 26;
        if (histogram.Labels.Count == 0)
        {
            return string.Empty;
        }

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg class=\"small\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">");
        Bars(svg, histogram, width, height, height - 1, tips: false);
        return svg.Append("</svg>").ToString();
    }

    private static string Ranges(string name, Histogram histogram, (double Low, double High) range)
    {
        var svg = Start(name, Height);
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"0\" x2=\"{Width}\" y1=\"{Floor}\" y2=\"{Floor}\"/>");
        Bars(svg, histogram, Width, Height, Floor, tips: true);
        for (var i = 0; i <= 4; i++)
        {
            var (value, anchor) = (range.Low + (range.High - range.Low) * i / 4, i == 0 ? "start" : i == 4 ? "end" : "middle");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width * i / 4}\" y=\"{Height - 5}\" text-anchor=\"{anchor}\">{(double.IsFinite(value) ? value : i < 2 ? range.Low : range.High):G4}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Bars(StringBuilder svg, Histogram histogram, int width, int height, int floor, bool tips)
    {
        double step = (double)width / histogram.Labels.Count, scale = (floor - 6) / histogram.Largest;
        var line = new StringBuilder(FormattableString.Invariant($"M0 {floor}"));
        for (var i = 0; i < histogram.Labels.Count; i++)
        {
            double left = histogram.Reference[i] * scale, right = histogram.Current[i] * scale;
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"a\" x=\"{i * step:0.#}\" y=\"{floor - left:0.#}\" width=\"{step:0.#}\" height=\"{left:0.#}\"/>");
            line.Append(CultureInfo.InvariantCulture, $"L{i * step:0.#} {floor - right:0.#}H{(i + 1) * step:0.#}");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"b\" d=\"{line}L{width} {floor}\"/>");
        for (var i = 0; tips && i < histogram.Labels.Count; i++)
        {
            // Over everything, so that the whole height of a bar tells its numbers.
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"tip\" x=\"{i * step:0.#}\" y=\"0\" width=\"{step:0.#}\" height=\"{height}\"><title>{Tip(histogram, i)}</title></rect>");
        }
    }

    private static string Rows(string name, Histogram histogram)
    {
        var svg = Start(name, histogram.Labels.Count * Row);
        var scale = (Width - LabelWidth - ShareWidth) / histogram.Largest;
        for (var i = 0; i < histogram.Labels.Count; i++)
        {
            int top = i * Row, middle = top + 15;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{LabelWidth - 8}\" y=\"{middle}\" text-anchor=\"end\">{Svg.Escape(Short(histogram.Labels[i]))}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"a\" x=\"{LabelWidth}\" y=\"{top + 3}\" width=\"{histogram.Reference[i] * scale:0.#}\" height=\"{Row - 6}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"b\" x=\"{LabelWidth}\" y=\"{top + 6}\" width=\"{histogram.Current[i] * scale:0.#}\" height=\"{Row - 12}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{LabelWidth + 6 + Math.Max(histogram.Reference[i], histogram.Current[i]) * scale:0.#}\" y=\"{middle}\">{histogram.Reference[i]:P1} → {histogram.Current[i]:P1}</text>");
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"tip\" x=\"0\" y=\"{top}\" width=\"{Width}\" height=\"{Row}\"><title>{Tip(histogram, i)}</title></rect>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static StringBuilder Start(string name, int height) => new StringBuilder().Append(
        CultureInfo.InvariantCulture, $"<svg width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Svg.Escape(name)}: reference filled, current outlined\">");

    private static string Tip(Histogram histogram, int i) =>
        Svg.Escape(FormattableString.Invariant($"{histogram.Labels[i]}: {histogram.Reference[i]:P2} → {histogram.Current[i]:P2}"));

    private static string Short(string label) => label.Length == 0 ? "(empty)" : label.Length > LongestLabel ? label[..(LongestLabel - 1)] + "…" : label;
}
