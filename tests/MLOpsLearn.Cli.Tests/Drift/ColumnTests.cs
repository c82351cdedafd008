using MLOpsLearn.Cli.Drift;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Derived;
using Xunit;
using static MLOpsLearn.Cli.Tests.Drift.Comparing;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>Kinds, types and values of columns: what is compared, and what is a finding.</summary>
public sealed class ColumnTests : IDisposable
{
    private readonly Files _files = new();

    public static TheoryData<string> Codecs => ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"];

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Other_columns_types_and_nested_ones_are_findings()
    {
        var reference = _files.Parquet("a.parquet", "SELECT i / 2.0 AS x, i AS gone, [i] AS nested, {'a': i} AS part, 'a'::BLOB AS bytes, 'a' AS t, i::SMALLINT AS n FROM range(100) t(i)");
        var current = _files.Parquet("b.parquet", "SELECT i / 2.0 AS x, i AS fresh, [i] AS nested, {'a': i} AS part, 'a'::BLOB AS bytes, DATE '2021-01-01' AS t, i::BIGINT AS n FROM range(100) t(i)");
        var result = Compare(reference, current);

        Assert.True(result.Finding(DriftFinding.ColumnMissing, "gone").Breaks);
        Assert.False(result.Finding(DriftFinding.ColumnNew, "fresh").Breaks);
        Assert.Contains("BIGINT[]", result.Finding(DriftFinding.NotCompared, "nested").Message, StringComparison.Ordinal);
        Assert.Contains("STRUCT", result.Finding(DriftFinding.NotCompared, "part").Message, StringComparison.Ordinal);
        Assert.Contains("BLOB", result.Finding(DriftFinding.NotCompared, "bytes").Message, StringComparison.Ordinal);
        Assert.Contains("from SMALLINT to BIGINT", result.Finding(DriftFinding.TypeChanged, "n").Message, StringComparison.Ordinal);
        Assert.Contains("from VARCHAR to DATE", result.Finding(DriftFinding.TypeChanged, "t").Message, StringComparison.Ordinal);
        Assert.True(result.Drifted);
    }

    [Fact]
    public void A_number_that_became_an_instant_is_broken_and_one_that_became_text_is_counted()
    {
        var reference = _files.Parquet("a.parquet", "SELECT i / 2.0 AS x, i / 2.0 AS y FROM range(100) t(i)");
        var current = _files.Parquet("b.parquet", "SELECT DATE '2021-01-01' AS x, CASE WHEN i < 10 THEN 'n/a' WHEN i < 15 THEN NULL ELSE CAST(i / 2.0 AS VARCHAR) END AS y FROM range(100) t(i)");
        var result = Compare(reference, current);

        Assert.True(result.Finding(DriftFinding.NotCompared, "x").Breaks);
        Assert.Equal(new ValueCounts(85, Null: 5, TypeViolations: 10), result.Column("y").Drift.Current);
        Assert.True(result.Finding(DriftFinding.TypeViolations, "y").Breaks);
    }

    [Fact]
    public void Not_finite_and_extreme_numbers_are_counted_and_compared()
    {
        var query = "SELECT CASE i % 5 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE WHEN 2 THEN 1e308 / 3 * (i % 7 - 3) WHEN 3 THEN 5e-324 ELSE i END AS x, 5.5 AS same FROM range(1000) t(i)";
        var result = Compare(_files.Parquet("a.parquet", query), _files.Parquet("b.parquet", query));

        Assert.Equal(new ValueCounts(600, NaN: 200, Infinite: 200), result.Column("x").Drift.Current);
        Assert.All(result.Outcomes[0].Columns, column => Assert.Equal((0.0, false), (column.Drift.Values.Effect.Statistic, column.Drifted)));
        Assert.DoesNotContain("NaN", DriftHtml.Of(result), StringComparison.Ordinal);
    }

    [Fact]
    public void Identifiers_are_compared_by_their_lengths_and_large_integers_never_as_numbers()
    {
        var query = "SELECT 'user-' || i AS name, 9007199254740993 + i * 3 AS big, 9007199254740993 + i % 2 AS flag, CAST(i * 2 AS DECIMAL(38, 0)) AS d, i AS id FROM range(200000) t(i)";
        string reference = _files.Parquet("a.parquet", query), current = _files.Parquet("b.parquet", query);
        var result = Compare(reference, current);

        Assert.Equal(
            ["name length(unit=code-point)", "name words(split=unicode-whitespace)", "big length(unit=code-point)", "big words(split=unicode-whitespace)", "flag", "d"],
            result.Outcomes[0].Columns.Select(column => column.Drift.Name));
        Assert.Equal((ColumnKind.Categorical, ColumnKind.Numeric), (result.Column("flag").Drift.Kind, result.Column("d").Drift.Kind));
        Assert.NotNull(result.Finding(DriftFinding.LargeIntegers, "big"));
        Assert.Contains("numbers its rows", result.Finding(DriftFinding.Identifier, "id").Message, StringComparison.Ordinal);
        Assert.Contains("above 2^53", Refused(reference, current, settings => settings.With("big", DriftKind.Numeric)), StringComparison.Ordinal);
        Assert.Contains("different values", Refused(reference, current, settings => settings.With("name", DriftKind.Categorical)), StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_million_different_texts_end_in_seconds()
    {
        var query = "SELECT 'user-' || (i * 7919) AS name FROM range(10000000) t(i)";
        var result = Compare(_files.Parquet("a.parquet", query), _files.Parquet("b.parquet", "SELECT 'user-' || i AS name FROM range(1000) t(i)"));

        Assert.Equal(10_000_000, result.Column("name length(unit=code-point)").Drift.Reference.Rows);
        Assert.True(result.Drifted);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Every_codec_and_encoding_of_parquet_gives_the_same_columns(string codec)
    {
        var query = "SELECT CAST(i % 100 AS DECIMAL(10, 2)) AS d, i * 3 AS n, CAST(i AS REAL) / 7 AS f, 'k' || i % 5 AS k, CAST(TIMESTAMP '2021-01-01' + to_seconds(i * 977) AS TIMESTAMPTZ) AS z FROM range(5000) t(i)";
        var plain = _files.Parquet("a.parquet", query, ", CODEC uncompressed, PARQUET_VERSION V1");
        var coded = _files.Parquet("b.parquet", query, $", CODEC {codec}, PARQUET_VERSION V2, ROW_GROUP_SIZE 2048");

        Assert.All(Compare(plain, coded).Outcomes[0].Columns, column => Assert.Equal(0.0, column.Drift.Values.Effect.Statistic));
    }

    [Fact]
    public void Instants_are_compared_in_utc_by_the_parts_of_the_reference_page()
    {
        var query = "SELECT TIMESTAMPTZ '2021-01-03 23:30:00+00' + to_seconds(i * 977 % 400000) AS at, DATE '1960-02-01' + CAST(i % 40 AS INT) AS day, TIME '10:30:00' + to_seconds(i % 7) AS t FROM range(500) t(i)";
        var result = Compare(_files.Parquet("a.parquet", query), _files.Parquet("b.parquet", query));
        var start = new DateTimeOffset(2021, 1, 3, 23, 30, 0, TimeSpan.Zero);
        var expected = DateTimeColumn.Create(Enumerable.Range(0, 500).Select(i => (DateTimeOffset?)start.AddSeconds(i * 977 % 400000)));

        Assert.Equal(
            ["at hour(utc)", "at weekday(monday=0)", "at gap-seconds", "day weekday(monday=0)", "day gap-seconds", "t hour(utc)"],
            result.Outcomes[0].Columns.Select(column => column.Drift.Name));
        var hours = result.Column("at hour(utc)").Histogram;
        Assert.Equal(
            expected.Hour.Keys.Select((key, i) => (key.ToString(), expected.Hour.Occurrences[i] / 500.0)),
            hours.Labels.Select((label, i) => (label, hours.Reference[i])));
        Assert.Equal(expected.GapSeconds.Quantile(0.5), result.Column("at gap-seconds").Reference!.Median);
        Assert.Contains("2021-01-03 23:30:00", result.Finding(DriftFinding.TimeRange, "at").Message, StringComparison.Ordinal);
        Assert.Equal(7, result.Column("day weekday(monday=0)").Histogram.Labels.Count);
    }

    [Fact]
    public void Kinds_can_be_stated_and_columns_chosen()
    {
        var file = _files.Parquet("a.parquet", "SELECT i % 5 AS code, 'word ' || i % 3 AS note, CAST(i % 9 AS VARCHAR) AS digits, CAST(DATE '2021-01-01' + CAST(i % 50 AS INT) AS VARCHAR) AS day, i / 3.0 AS \"a,b\" FROM range(500) t(i)");
        var result = Compare(file, file, settings => (settings with { Columns = ["code,note", "digits", "day", "a,b"] })
            .With("code", DriftKind.Categorical).With("note", DriftKind.Text).With("digits", DriftKind.Numeric).With("day", DriftKind.DateTime));

        Assert.Equal(
            ["code", "note length(unit=code-point)", "note words(split=unicode-whitespace)", "digits", "day hour(utc)", "day weekday(monday=0)", "day gap-seconds", "a,b"],
            result.Outcomes[0].Columns.Select(column => column.Drift.Name));
        Assert.Equal("chi2(homogeneity)", result.Column("code").Drift.Method);
        Assert.Equal("ks(method=auto)", result.Column("digits").Drift.Method);
        Assert.Contains("Neither file has a column 'nope'", Refused(file, file, settings => settings with { Columns = ["nope"] }), StringComparison.Ordinal);
        Assert.Contains("--kind code=datetime: the column is BIGINT", Refused(file, file, settings => settings.With("code", DriftKind.DateTime)), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_as_categories_meet_across_types()
    {
        var reference = _files.Parquet("a.parquet", "SELECT i % 3 AS code, i % 2 = 0 AS flag FROM range(300) t(i)");
        var current = _files.Csv("b.csv", "SELECT CAST(i % 3 AS DOUBLE) AS code, i % 2 = 0 AS flag FROM range(300) t(i)");
        var result = Compare(reference, current, settings => settings.With("code", DriftKind.Categorical));

        Assert.All(result.Outcomes[0].Columns, column => Assert.Equal(0.0, column.Drift.Values.Effect.Statistic));
    }

    [Fact]
    public void Wide_files_are_compared_some_columns_at_a_time()
    {
        var query = $"SELECT {string.Join(", ", Enumerable.Range(0, 10_000).Select(i => $"(i * {i + 7} % 101) / 2.0 AS c{i}"))} FROM range(40) t(i)";
        var file = _files.Parquet("wide.parquet", query);
        var result = Compare(file, file, settings => settings with { Columns = [.. Enumerable.Range(0, 1500).Select(i => $"c{i}")] });

        Assert.Equal((10_000, 1500, false), (result.Reference.Columns, result.Outcomes[0].Columns.Count, result.Drifted));
    }
}
