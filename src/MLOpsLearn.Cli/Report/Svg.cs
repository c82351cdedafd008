using System.Globalization;
using System.Net;
using System.Text;

namespace MLOpsLearn.Cli.Report;

/// <summary>Small charts as inline SVG, in the page's own colours.</summary>
internal static class Svg
{
    private const int Width = 760;
    private const int Height = 280;
    private const int Left = 52;
    private const int Bottom = 40;
    private const int Top = 16;

    /// <summary>Lines over named points; a null leaves a gap. Marks are vertical lines with a label.</summary>
    public static string Lines(
        string title, IReadOnlyList<string> points, IReadOnlyList<(string Name, string Style, IReadOnlyList<double?> Values)> lines, IReadOnlyList<(int Point, string Label)> marks)
    {
        var all = lines.SelectMany(line => line.Values).OfType<double>().ToList();
        var (low, high) = all.Count == 0 ? (0, 1) : (all.Min(), all.Max());
        var margin = Math.Max((high - low) * 0.1, 0.01);
        (low, high) = (low - margin, high + margin);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(title)}\"><title>{Escape(title)}</title>");
        for (var i = 0; i <= 4; i++)
        {
            var value = low + ((high - low) * i / 4);
            var y = Y(value);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - 10}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/><text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{value:0.00}</text>");
        }

        for (var i = 0; i < points.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(i):0.#}\" y=\"{Height - 18}\" text-anchor=\"middle\">{Escape(points[i])}</text>");
        }

        foreach (var (point, label) in marks)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"mark\" x1=\"{X(point):0.#}\" x2=\"{X(point):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text class=\"mark\" x=\"{X(point) + 4:0.#}\" y=\"{Top + 10}\">{Escape(label)}</text>");
        }

        foreach (var (name, style, values) in lines)
        {
            var path = new StringBuilder();
            for (var i = 0; i < values.Count; i++)
            {
                if (values[i] is { } value)
                {
                    path.Append(CultureInfo.InvariantCulture, $"{(i > 0 && values[i - 1] is not null ? 'L' : 'M')}{X(i):0.#} {Y(value):0.#}");
                    svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{style}\" cx=\"{X(i):0.#}\" cy=\"{Y(value):0.#}\" r=\"3\"><title>{Escape(name)} {Escape(points[i])}: {value:0.000}</title></circle>");
                }
            }

            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{style}\" d=\"{path}\"/>");
        }

        return svg.Append("</svg>").ToString();

        double X(int i) => Left + 24 + ((Width - Left - 60.0) * i / Math.Max(1, points.Count - 1));

        double Y(double value) => Top + ((Height - Top - Bottom) * (high - value) / (high - low));
    }

    /// <summary>A table of coloured cells: rows are features, columns are points; full colour at <paramref name="full"/>.</summary>
    public static string HeatMap(string title, IReadOnlyList<string> points, IReadOnlyList<(string Name, IReadOnlyList<(double? Value, bool Marked)> Cells)> rows, double full)
    {
        const int cell = 26;
        const int left = 130;
        var step = (Width - left - 10) / Math.Max(1, points.Count);
        var height = (rows.Count * cell) + 30;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Escape(title)}\"><title>{Escape(title)}</title>");
        for (var row = 0; row < rows.Count; row++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left - 8}\" y=\"{(row * cell) + 17}\" text-anchor=\"end\">{Escape(rows[row].Name)}</text>");
            for (var i = 0; i < points.Count; i++)
            {
                var (value, marked) = rows[row].Cells[i];
                var strength = value is { } number ? Math.Clamp(number / full, 0, 1) : 0;
                svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"heat{(marked ? " drifted" : "")}\" x=\"{left + (i * step)}\" y=\"{row * cell}\" width=\"{step - 3}\" height=\"{cell - 3}\" fill-opacity=\"{0.06 + (0.8 * strength):0.00}\"><title>{Escape(rows[row].Name)} {Escape(points[i])}: effect {value:0.000}{(marked ? ", drifted" : "")}</title></rect>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + (i * step) + (step / 2)}\" y=\"{(row * cell) + 16}\" text-anchor=\"middle\">{value:0.00}</text>");
            }
        }

        for (var i = 0; i < points.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{left + (i * step) + (step / 2)}\" y=\"{(rows.Count * cell) + 16}\" text-anchor=\"middle\">{Escape(points[i])}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
