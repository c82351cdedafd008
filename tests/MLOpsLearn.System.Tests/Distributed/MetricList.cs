namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>One metric: its name at /metrics, its type, its tags.</summary>
internal sealed record ListedMetric(string Name, string Type, IReadOnlySet<string> Tags)
{
    private static readonly string[] HistogramSuffixes = ["_bucket", "_sum", "_count"];

    /// <summary>The table of docs/metrics.md.</summary>
    public static IReadOnlyList<ListedMetric> FromDocumentation() =>
        [.. File.ReadLines(Path.Combine(Mlops.Root, "docs", "metrics.md"))
            .Where(line => line.StartsWith("| `mlopslearn.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => new ListedMetric(cells[2].Trim('`'), cells[3], Set(cells[5].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))))];

    /// <summary>The product's own metrics in answers of /metrics.</summary>
    public static IReadOnlyList<ListedMetric> FromAnswers(IEnumerable<string> answers)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var tags = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in answers.SelectMany(answer => answer.Split('\n')))
        {
            var words = line.Split(' ');
            if (line.StartsWith("# TYPE mlopslearn_", StringComparison.Ordinal))
            {
                types[words[2]] = words[3].Trim();
            }
            else if (line.StartsWith("mlopslearn_", StringComparison.Ordinal))
            {
                var name = line.Split('{', ' ')[0];
                name = types.ContainsKey(name) ? name : HistogramSuffixes.Select(suffix => name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : name).First(types.ContainsKey);
                var labels = line.Contains('{', StringComparison.Ordinal) ? line[(line.IndexOf('{', StringComparison.Ordinal) + 1)..line.LastIndexOf('}')] : "";
                if (!tags.TryGetValue(name, out var known))
                {
                    tags[name] = known = [];
                }

                known.UnionWith(Labels(labels).Where(label => label != "le" && !label.StartsWith("otel_scope_", StringComparison.Ordinal)));
            }
        }

        return [.. types.Select(type => new ListedMetric(type.Key, type.Value, tags.GetValueOrDefault(type.Key, [])))];
    }

    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Tags.Order(StringComparer.Ordinal))}]";

    private static IEnumerable<string> Labels(string labels) => labels.Split("\",", StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')[0]);

    private static HashSet<string> Set(IEnumerable<string> tags) => [.. tags];
}
