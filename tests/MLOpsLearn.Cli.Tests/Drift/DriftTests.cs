using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Cli.Drift;
using MLOpsLearn.Statistics;
using Xunit;
using static MLOpsLearn.Cli.Tests.Drift.Comparing;

namespace MLOpsLearn.Cli.Tests.Drift;

public sealed partial class DriftTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("(i * 7919 % 1000) / 10.0", ExitCodes.Done)]
    [InlineData("(i * 7919 % 1000) / 10.0 + 30", ExitCodes.Failed)]
    public async Task The_exit_code_is_the_verdict(string x, int expected)
    {
        string reference = _files.Parquet("a.parquet", Numbers), current = _files.Parquet("b.parquet", Numbers.Replace("(i * 7919 % 1000) / 10.0", x, StringComparison.Ordinal));
        var page = _files.Path("page.html");

        Assert.Equal(expected, await CommandLine.Create().Parse(["drift", reference, current, "--json", "--html", page]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(expected == ExitCodes.Done ? ">No drift: 0 of 2" : ">Drift: 1 of 2", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void The_most_moved_column_comes_first_and_says_how()
    {
        var current = Numbers.Replace("/ 10.0", "/ 10.0 + 30", StringComparison.Ordinal).Replace("i % 3", "CASE WHEN i % 4 = 0 THEN 3 ELSE i % 2 END", StringComparison.Ordinal);
        var result = Compare(_files.Parquet("a.parquet", Numbers), _files.Parquet("b.parquet", current));

        Assert.Equal("median 49.95 → 79.95", Changes.Of(result.Column("x")));
        Assert.Equal("'c': 33.3 % → 0.0 %; 25.0 % new: d; vanished: c", Changes.Of(result.Column("k")));
        Assert.True(Changes.Strength(result.Column("x")) > 1);
        Assert.Equal("Drift: 2 of 2 columns drifted.", DriftTable.Verdict(result));
    }

    [Fact]
    public void A_day_does_not_drift_from_its_month_by_the_calendar()
    {
        const string hours = "SELECT TIMESTAMP '2021-03-01 00:00:00' + to_hours(i % 744) AS at FROM range(2976) t(i)";
        var day = hours.Replace("744", "24", StringComparison.Ordinal).Replace("2976", "96", StringComparison.Ordinal);
        var result = Compare(_files.Parquet("month.parquet", hours), _files.Parquet("day.parquet", day));

        Assert.Equal("short_span", result.Column("at weekday(monday=0)").Drift.Undefined?.WireName());
        Assert.False(result.Column("at hour(utc)").Drift.Drifted);
    }

    [Fact]
    public void Small_histograms_show_the_whole_range_of_ordered_values_and_the_first_of_categories()
    {
        var file = _files.Parquet("a.parquet", "SELECT CASE WHEN i < 10 THEN 0 ELSE 20 END + i % 2 AS n, TIMESTAMP '2021-01-01 23:00:00' AS at, chr(CAST(97 + (i % 15) * (i % 2) AS INT)) AS k FROM range(300) t(i)");
        var result = Compare(file, file);

        Assert.Equal("▁█", string.Concat(result.Column("n").Histogram.Sparks(2).Reference));
        Assert.Equal("█", result.Column("at hour(utc)").Histogram.Sparks(10).Current);
        Assert.Equal(10, result.Column("k").Histogram.Sparks(10).Current.Length);
    }

    [Fact]
    public void The_page_needs_nothing_from_outside_and_escapes_every_name()
    {
        const string nasty = "<script>alert(1)</script>&\"'";
        var query = $"SELECT i % 7 AS \"{nasty.Replace("\"", "\"\"", StringComparison.Ordinal)}\", '{nasty.Replace("'", "''", StringComparison.Ordinal)}' || i % 3 AS k FROM range(600) t(i)";
        var reference = _files.Parquet("<b>a.parquet", query);
        var page = DriftHtml.Of(Compare(reference, _files.Parquet("b.parquet", query.Replace("i % 3", "i % 4", StringComparison.Ordinal)), settings => settings with { Segment = null }));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotMatch("(https?:|url\\(|@import|src=)", page);
        Assert.Contains("What each bin adds to the PSI", page, StringComparison.Ordinal);
        Assert.Contains("New categories", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Segments_are_compared_apart_and_judged_as_one_family()
    {
        var reference = _files.Parquet("a.parquet", Numbers.Replace("i % 3", "i % 4", StringComparison.Ordinal));
        var current = _files.Parquet("b.parquet", "SELECT i AS id, (i * 7919 % 1000) / 10.0 + (i % 3) * 20 AS x, CASE i % 4 WHEN 3 THEN NULL ELSE chr(CAST(97 + i % 3 AS INT)) END AS k FROM range(3000) t(i)");
        var result = Compare(reference, current, settings => settings with { Segment = "k", Columns = ["x"] });

        Assert.Equal([("a", false), ("b", true), ("c", true)], result.Outcomes.Select(outcome => (outcome.Segment!, outcome.Drifted)));
        Assert.Equal(3, result.Tests);
        Assert.Contains("'d' is missing", result.Finding(DriftFinding.SegmentMissing).Message, StringComparison.Ordinal);
        Assert.Contains("'null' is new", result.Finding(DriftFinding.SegmentNew).Message, StringComparison.Ordinal);
        Assert.Contains("too many segments", Refused(reference, current, settings => settings with { Segment = "id" }), StringComparison.Ordinal);
        Assert.Contains("to segment by", Refused(reference, current, settings => settings with { Segment = "nope" }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_profile_judges_by_its_own_rule()
    {
        var result = Compare(_files.Parquet("a.parquet", Numbers), _files.Parquet("b.parquet", Numbers.Replace("/ 10.0", "/ 10.0 + 30", StringComparison.Ordinal)), settings => settings with { EvidentlyCompatible = true });

        Assert.Equal("evidently-compatible(0.7)", result.Rule);
        Assert.Equal(("wasserstein(norm=ref-pop-std,floor=0.001)", true), (result.Column("x").Evidently!.Result.Method, result.Column("x").Drifted));
        Assert.Equal((0.5, true), (result.Outcomes[0].DriftedShare, result.Drifted));
    }

    [Fact]
    public void Two_runs_give_the_same_json_and_every_field_of_it_is_documented()
    {
        var query = "SELECT CASE WHEN i % 9 > 0 THEN (i * 7919 % 1000) / 10.0 END AS x, chr(CAST(97 + i % 10 AS INT)) AS k, 'a' || i AS t, i AS gone FROM range(120) t(i)";
        string reference = _files.Parquet("a.parquet", query), current = _files.Parquet("b.parquet", query.Replace("i % 10", "i % 9 + 2", StringComparison.Ordinal).Replace(", i AS gone", "", StringComparison.Ordinal));
        var json = DriftJson.Of(Compare(reference, current, settings => settings with { EvidentlyCompatible = true }));

        Assert.Equal(json.ToJsonString(), DriftJson.Of(Compare(reference, current, settings => settings with { EvidentlyCompatible = true })).ToJsonString());
        var documented = FieldRow().Matches(File.ReadAllText(Repository.File("docs", "drift.md"))).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var fields = Fields(json, string.Empty).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], fields.Except(documented));
        Assert.Equal([], documented.Except(fields));
    }

    [Theory]
    [InlineData("a=numeric,b=text", "a=Numeric b=Text")]
    [InlineData("a,b=categorical", "a,b=Categorical")]
    [InlineData("x=y=datetime", "x=y=DateTime")]
    public void Kinds_are_read_whatever_the_column_is_called(string given, string expected) =>
        Assert.Equal(expected, string.Join(' ', KindOption.Parse([given]).Select(kind => $"{kind.Key}={kind.Value}")));

    [Theory]
    [InlineData("a", "is not COLUMN=KIND")]
    [InlineData("a=number", "is not COLUMN=KIND")]
    [InlineData("a=text,a=numeric", "twice")]
    public void A_wrong_kind_is_refused(string given, string expected) =>
        Assert.Contains(expected, Assert.Throws<CommandException>(() => KindOption.Parse([given])).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Wrong_options_are_refused()
    {
        var file = _files.Parquet("a.parquet", Numbers);
        Assert.Contains("--alpha", (await Assert.ThrowsAsync<CommandException>(() => Invoke("--alpha", "1"))).Message, StringComparison.Ordinal);
        Assert.Contains("--alpha", (await Assert.ThrowsAsync<CommandException>(() => Invoke("--alpha", "0.01", "--profile", "evidently-compatible"))).Message, StringComparison.Ordinal);
        Assert.Contains("can't be written", (await Assert.ThrowsAsync<CommandException>(() => Invoke("--json", "--html", _files.Path("no/such/folder.html")))).Message, StringComparison.Ordinal);

        Task<int> Invoke(params string[] options) => CommandLine.Create().Parse(["drift", file, file, .. options])
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Fields(JsonNode? node, string path) => node switch
    {
        JsonObject @object => @object.SelectMany(field => Fields(field.Value, path.Length == 0 ? field.Key : $"{path}.{field.Key}").Prepend(path.Length == 0 ? field.Key : $"{path}.{field.Key}")),
        JsonArray array => array.SelectMany(item => Fields(item, $"{path}[]")),
        _ => [],
    };

    [GeneratedRegex(@"^\| `([a-z0-9_.\[\]]+)` \|", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
