using System.Text.RegularExpressions;

namespace MLOpsLearn.Deploy.Tests.Measurements;

/// <summary>
/// The measurements that there are: the table of docs/metrics.md, which a test of its own holds against what the services answer, those of the
/// libraries that are used here, and what Prometheus records by our rules.
/// </summary>
internal static partial class MetricNames
{
    private static readonly Dictionary<string, string[]> OfLibraries = new()
    {
        ["up"] = [],
        ["http_server_request_duration_seconds_count"] = ["http_response_status_code", "http_route"],
        ["http_server_request_duration_seconds_bucket"] = ["http_response_status_code", "http_route"],
        ["dotnet_process_memory_working_set_bytes"] = [],
        ["dotnet_gc_pause_time_seconds_total"] = [],
    };

    private static readonly string[] AnyLabel = ["job", "instance", "le"];

    private static readonly string[] Words = ["by", "without", "on", "ignoring", "and", "or", "unless", "inf", "nan", "offset", "bool"];

    /// <summary>Names as they stand at /metrics, with their labels.</summary>
    public static Dictionary<string, string[]> Known()
    {
        var known = new Dictionary<string, string[]>(OfLibraries);
        foreach (Match row in TableRow().Matches(Checkout.Read("docs", "metrics.md")))
        {
            var labels = row.Groups[3].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var ending in row.Groups[2].Value == "histogram" ? ["_bucket", "_sum", "_count"] : new[] { "" })
            {
                known[row.Groups[1].Value + ending] = labels;
            }
        }

        foreach (var rule in Checkout.Yaml("deploy", "prometheus", "rules.yml")["groups"].Items.SelectMany(group => group["rules"].Items).Where(rule => rule["record"].Exists))
        {
            known[rule["record"].Text] = Grouping().Matches(rule["expr"].Text).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)).ToArray();
        }

        return known;
    }

    /// <summary>What an expression names that isn't there.</summary>
    public static IEnumerable<string> Unknown(string expression, Dictionary<string, string[]> known)
    {
        var bare = Grouping().Replace(Matchers().Replace(Quoted().Replace(expression, ""), ""), "");
        var names = Identifier().Matches(bare).Select(match => match.Value).Where(name => !Words.Contains(name)).Distinct().ToList();
        foreach (var name in names.Where(name => !known.ContainsKey(name)))
        {
            yield return $"there is no measurement {name}";
        }

        if (names.Count == 0)
        {
            yield return $"'{expression}' names no measurement";
        }

        var labels = names.Where(known.ContainsKey).SelectMany(name => known[name]).Concat(AnyLabel).ToHashSet();
        var used = Grouping().Matches(expression).SelectMany(match => match.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
            .Concat(Matchers().Matches(expression).SelectMany(match => Label().Matches(match.Value)).Select(match => match.Groups[1].Value));
        foreach (var label in used.Where(label => !labels.Contains(label)).Distinct())
        {
            yield return $"no measurement of '{expression}' has a label {label}";
        }
    }

    [GeneratedRegex(@"^\|[^|]*\| `([a-z_]+)` \| (counter|gauge|histogram) \|[^|]*\|([^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"\b(?:by|without)\s*\(([^)]*)\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    [GeneratedRegex("\"[^\"]*\"|\\[[^\\]]*\\]")]
    private static partial Regex Quoted();

    /// <summary>A name that is not called like a function.</summary>
    [GeneratedRegex(@"(?<![\w:.])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")]
    private static partial Regex Identifier();
}
