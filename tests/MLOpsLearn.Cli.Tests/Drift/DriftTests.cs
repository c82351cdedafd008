using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Cli.Drift;
using MLOpsLearn.Statistics;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Drift;

public sealed class DriftTests : IDisposable
{
    private const string Numbers = "SELECT i AS id, (i * 7919 % 1000) / 10.0 AS x, chr(CAST(97 + i % 3 AS INT)) AS k FROM range(3000) t(i)";
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("(i * 7919 % 1000) / 10.0", ExitCodes.Done)]
    [InlineData("(i * 7919 % 1000) / 10.0 + 30", ExitCodes.Failed)]
    public async Task The_exit_code_is_the_verdict(string x, int expected)
    {
        string reference = _files.Parquet("a.parquet", Numbers), current = _files.Parquet("b.parquet", Numbers.Replace("(i * 7919 % 1000) / 10.0", x, StringComparison.Ordinal));
        var page = _files.Path("page.html");
        var code = await DriftCommand.Create().Parse([reference, current, "--json", "--html", page])
            .InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(expected, code);
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("What each bin adds to the PSI", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_csv_and_a_parquet_of_the_same_rows_do_not_differ()
    {
        var csv = _files.Text("b.csv", "id,x,k\n" + string.Concat(Enumerable.Range(0, 3000).Select(i =>
            FormattableString.Invariant($"{i},{i * 7919 % 1000 / 10.0},{(char)('a' + i % 3)}\n"))));
        var (outcomes, _, _, rows) = Run(_files.Parquet("a.parquet", Numbers), csv);

        Assert.Equal(3000, rows);
        Assert.All(outcomes[0].Report.Columns, column => Assert.Equal(0, column.Values.Effect.Statistic!.Value, 12));
    }

    [Fact]
    public void Other_columns_types_and_nested_ones_are_findings()
    {
        var reference = _files.Parquet("a.parquet", "SELECT i AS x, i AS gone, [i] AS nested, 'a' AS t FROM range(100) t(i)");
        var current = _files.Parquet("b.parquet", "SELECT i AS x, i AS fresh, [i] AS nested, i AS t FROM range(100) t(i)");
        var (_, findings, _, _) = Run(reference, current);

        Assert.Contains(findings, finding => finding.Contains("'gone' is missing", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Contains("'fresh' is new", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Contains("'nested' is BIGINT[]", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Contains("'t' changed its type", StringComparison.Ordinal));
    }

    [Fact]
    public void Text_in_a_numeric_column_counts_as_a_type_violation()
    {
        var reference = _files.Parquet("a.parquet", "SELECT CAST(i AS DOUBLE) AS x FROM range(100) t(i)");
        var current = _files.Parquet("b.parquet", "SELECT CASE WHEN i < 10 THEN 'n/a' WHEN i < 15 THEN NULL ELSE CAST(i AS VARCHAR) END AS x FROM range(100) t(i)");
        var (outcomes, _, _, _) = Run(reference, current, numeric: "x");

        Assert.Equal(new ValueCounts(85, Null: 5, TypeViolations: 10), outcomes[0].Report.Columns[0].Current);
    }

    [Fact]
    public void Not_finite_and_extreme_numbers_are_counted_and_compared()
    {
        var query = "SELECT CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN 1e308 / 3 * (i % 7 - 3) WHEN 3 THEN 5e-324 ELSE i END AS x FROM range(1000) t(i)";
        var column = Run(_files.Parquet("a.parquet", query), _files.Parquet("b.parquet", query)).Outcomes[0].Report.Columns[0];

        Assert.Equal(new ValueCounts(600, NaN: 200, Infinite: 200), column.Current);
        Assert.Equal((0.0, false), (column.Values.Effect.Statistic, column.Drifted));
    }

    [Fact]
    public void Identifiers_are_compared_by_their_lengths_and_large_integers_never_as_numbers()
    {
        var query = "SELECT 'user-' || i AS name, 9007199254740993 + i AS big, 9007199254740993 + i % 2 AS flag FROM range(200000) t(i)";
        var (outcomes, _, _, _) = Run(_files.Parquet("a.parquet", query), _files.Parquet("b.parquet", query));

        Assert.Equal(["name length(unit=code-point)", "big length(unit=code-point)", "flag"], outcomes[0].Report.Columns.Select(column => column.Name));
        Assert.Equal(ColumnKind.Categorical, outcomes[0].Report.Columns[2].Kind);
    }

    [Fact]
    public void Segments_are_compared_apart()
    {
        var reference = _files.Parquet("a.parquet", Numbers);
        var current = _files.Parquet("b.parquet", Numbers.Replace("/ 10.0", "/ 10.0 + (i % 3) * 20", StringComparison.Ordinal));
        var (outcomes, _, _, _) = Run(reference, current, segment: "k");

        Assert.Equal([("a", false), ("b", true), ("c", true)], outcomes.Select(outcome => (outcome.Segment!, outcome.Drifted)));
    }

    [Fact]
    public void Bad_files_give_one_line()
    {
        var good = _files.Parquet("a.parquet", Numbers);
        Assert.Contains("is empty", Refused(good, _files.Text("empty.csv", string.Empty)), StringComparison.Ordinal);
        Assert.Contains("can't be read", Refused(good, _files.Text("fake.parquet", "id,x,k\n1,2,a\n")), StringComparison.Ordinal);
        Assert.Contains("can't be read", Refused(good, _files.Text("broken.csv", "id,x,k\n1,2,a\n2,3,b,c,d\n3\n")), StringComparison.Ordinal);
        Assert.Contains("neither", Refused(good, _files.Text("notes.txt", "id")), StringComparison.Ordinal);
        Assert.Contains("column in common", Refused(good, _files.Parquet("other.parquet", "SELECT 1 AS y")), StringComparison.Ordinal);
        Assert.Contains("3000 columns", Refused(good, _files.Parquet("wide.parquet", $"SELECT {string.Join(", ", Enumerable.Range(0, 3000).Select(i => $"1 AS c{i}"))}")), StringComparison.Ordinal);
    }

    private static (IReadOnlyList<DriftOutcome> Outcomes, IReadOnlyList<string> Findings, long ReferenceRows, long CurrentRows) Run(
        string reference, string current, string? numeric = null, string? segment = null) => DriftRunner.Run(
            new() { Reference = reference, Current = current, Numeric = numeric is null ? [] : [numeric], Segment = segment },
            TestContext.Current.CancellationToken);

    private static string Refused(string reference, string current)
    {
        var message = Assert.Throws<CommandException>(() => Run(reference, current)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
