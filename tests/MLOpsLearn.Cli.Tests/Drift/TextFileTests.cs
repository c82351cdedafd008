using System.IO.Compression;
using System.Text;
using MLOpsLearn.Cli.Drift;
using Xunit;
using static MLOpsLearn.Cli.Tests.Drift.Comparing;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>Whatever way a csv is written, its rows are those of the parquet file beside it.</summary>
public sealed class TextFileTests : IDisposable
{
    private const string Rows = "SELECT (i * 7919 % 1000) / 8.0 AS x, CASE i % 3 WHEN 0 THEN 'ä, \"quoted\"' WHEN 1 THEN E'two\\nlines' ELSE 'plain' END AS k, i % 2 = 0 AS flag, "
        + "TIMESTAMP '2021-01-01' + to_seconds(i * 600) AS at, i % 7 AS n FROM range(3000) t(i)";

    private readonly Files _files = new();
    private readonly string _parquet;
    private readonly string _csv;

    public TextFileTests()
    {
        _parquet = _files.Parquet("a.parquet", Rows);
        _csv = File.ReadAllText(_files.Csv("a.csv", Rows));
    }

    public static TheoryData<string> Ways => ["utf-8", "mark", "utf-16", "utf-16BE", "utf-16 without mark", "latin-1", "semicolon", "tab", "carriage return", "gz", "blank last line", "no last line end"];

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_csv_and_a_parquet_of_the_same_rows_do_not_differ(string way)
    {
        var result = Compare(_parquet, Written(way));

        Assert.Equal(3000, result.Current.Rows);
        Assert.Equal(["x", "k", "flag", "at hour(utc)", "at weekday(monday=0)", "at gap-seconds", "n"], result.Outcomes[0].Columns.Select(column => column.Drift.Name));
        Assert.All(result.Outcomes[0].Columns, column =>
        {
            Assert.Equal(0, column.Drift.Values.Effect.Statistic!.Value, 12);
            Assert.Empty(column.Drift.NewCategories);
        });
        Assert.Equal(way.StartsWith("utf-16", StringComparison.Ordinal) || way == "latin-1", result.Findings.Any(finding => finding.Kind == DriftFinding.Encoding));
    }

    [Fact]
    public void Empty_fields_are_null_and_quoted_empty_ones_are_empty_text()
    {
        var text = "k,x\n" + string.Concat(Enumerable.Range(0, 300).Select(i => (i % 3) switch { 0 => ",1\n", 1 => "\"\",2\n", _ => "a,3\n" }));
        var drift = Compare(_files.Text("a.csv", text), _files.Text("b.csv", text)).Column("k").Drift;

        Assert.Equal((200, 100), (drift.Current.Valid, drift.Current.Null));
        Assert.Equal("chi2(homogeneity)", drift.Method);
    }

    [Fact]
    public void Mixed_types_and_wrong_numbers_are_findings()
    {
        var reference = _files.Text("a.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{i % 50}.5,{(i % 2 == 0 ? "5" : "word")}\n")));
        var current = _files.Text("b.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"{(i % 10 == 0 ? "12,5" : i % 50 + ".5")},5\n".Replace("12,5", "\"12,5\"", StringComparison.Ordinal))));
        var result = Compare(reference, current);

        Assert.Equal(30, result.Column("x").Drift.Current.TypeViolations);
        Assert.True(result.Finding(DriftFinding.TypeViolations, "x").Breaks);
        Assert.Contains("50 %", result.Finding(DriftFinding.MixedTypes, "y").Message, StringComparison.Ordinal);
        Assert.True(result.Drifted);
    }

    [Fact]
    public void Underscores_do_not_group_thousands_and_leading_zeros_stay_when_asked()
    {
        var text = "zip,n\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"0{i % 4}234,{(i % 20 == 0 ? "1_000" : "7")}\n"));
        var result = Compare(_files.Text("a.csv", text), _files.Text("b.csv", text), settings => settings.With("zip", DriftKind.Categorical));

        Assert.Equal(["00234", "01234", "02234", "03234"], result.Column("zip").Histogram.Labels.Order(StringComparer.Ordinal));
        Assert.Equal(15, result.Column("n").Drift.Current.TypeViolations);
    }

    [Fact]
    public void A_name_with_pattern_letters_opens_that_file_and_no_other()
    {
        _files.Text("a1.csv", "x\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"{i}.5\n")));
        var odd = _files.Text("a[1].csv", "x\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i}.5\n")));

        Assert.Equal((50, 50), (Compare(odd, odd).Reference.Rows, Compare(odd, odd).Current.Rows));
    }

    private string Written(string way) => way switch
    {
        "mark" => _files.Text("b.csv", _csv, new UTF8Encoding(true)),
        "utf-16" => _files.Text("b.csv", _csv, Encoding.Unicode),
        "utf-16BE" => _files.Text("b.csv", _csv, Encoding.BigEndianUnicode),
        "utf-16 without mark" => _files.Text("b.csv", _csv, new UnicodeEncoding(false, false)),
        "latin-1" => _files.Text("b.csv", _csv, Encoding.Latin1),
        "semicolon" => _files.Csv("b.csv", Rows, ", DELIMITER ';'"),
        "tab" => _files.Csv("b.tsv", Rows, ", DELIMITER '\t'"),
        "carriage return" => _files.Text("b.csv", _csv.Replace("\n", "\r\n", StringComparison.Ordinal).Replace("two\r\nlines", "two\nlines", StringComparison.Ordinal)),
        "gz" => Zipped(),
        "blank last line" => _files.Text("b.csv", _csv + "\n"),
        "no last line end" => _files.Text("b.csv", _csv.TrimEnd('\n')),
        _ => _files.Text("b.csv", _csv),
    };

    private string Zipped()
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(_csv));
        }

        return _files.Bytes("b.csv.gz", zipped.ToArray());
    }
}
