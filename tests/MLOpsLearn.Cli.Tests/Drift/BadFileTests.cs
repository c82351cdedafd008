using System.IO.Compression;
using System.Text;
using Xunit;
using static MLOpsLearn.Cli.Tests.Drift.Comparing;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>Files that can't be compared end with one line, and exit code 2.</summary>
public sealed class BadFileTests : IDisposable
{
    private readonly Files _files = new();
    private readonly string _good;

    public BadFileTests() => _good = _files.Parquet("good.parquet", Numbers);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void A_file_that_is_not_there_or_no_file_is_named()
    {
        Assert.Contains("There is no file", Refused(_good, _files.Path("absent.parquet")), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refused(_good, _files.Path(".")), StringComparison.Ordinal);
        Assert.Contains("is a pattern", Refused(_good, _files.Path("*.parquet")), StringComparison.Ordinal);
        Assert.Contains("is empty", Refused(_good, _files.Text("empty.csv", string.Empty)), StringComparison.Ordinal);
        Assert.Contains("neither .parquet nor .csv", Refused(_good, _files.Text("notes.doc", "id")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_without_waiting_for_its_writer()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "No pipes with names in folders here.");
        var pipe = _files.Path("pipe.csv");
        using var maker = System.Diagnostics.Process.Start("mkfifo", [pipe]);
        await maker.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains("a pipe", await Task.Run(() => Refused(_good, pipe), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_what_its_name_says_is_named()
    {
        Assert.Contains("is not parquet, whatever its name says: it begins with 'id,x,k", Refused(_good, _files.Text("fake.parquet", "id,x,k\n1,2,a\n")), StringComparison.Ordinal);
        Assert.Contains("is parquet, not csv", Refused(_good, _files.Bytes("fake.csv", File.ReadAllBytes(_good))), StringComparison.Ordinal);
        Assert.Contains("is not csv", Refused(_good, _files.Bytes("zip.csv", [0x50, 0x4B, 3, 4, 0, 0, 0, 0, 8, 0])), StringComparison.Ordinal);
        Assert.Contains("encrypted", Refused(_good, _files.Bytes("secret.parquet", "PARE0000PARE"u8.ToArray())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_or_damaged_is_named()
    {
        var bytes = File.ReadAllBytes(_good);
        Assert.Contains("is cut off", Refused(_good, _files.Bytes("cut.parquet", bytes[..(bytes.Length / 2)])), StringComparison.Ordinal);
        Assert.Contains("can't be read", Refused(_good, _files.Bytes("hollow.parquet", [.. "PAR1"u8, .. new byte[50], .. "PAR1"u8])), StringComparison.Ordinal);
        Assert.Contains("can't be read", Refused(_good, _files.Bytes("damaged.parquet", [.. bytes[..4], .. new byte[bytes.Length - 600], .. bytes[^596..]])), StringComparison.Ordinal);

        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes("id,x,k\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},{i * 7919 % 1000},a\n"))));
        }

        Assert.Contains("cut.csv.gz'", Refused(_good, _files.Bytes("cut.csv.gz", zipped.ToArray()[..((int)zipped.Length / 2)])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,x,k\n1,2,a\n2,3,b,c,d\n3\n", "line 3: 5 values where the header names 3")]
    [InlineData("id,x,k\n1,2,\"a\nb\"\n\n3\n", "line 5: 1 value where the header names 3")]
    [InlineData("id,x,k\r\n1,2,\"a\r\nb\"\r\n3,4\r\n", "line 4: 2 values where the header names 3")]
    [InlineData("id,x,k\n1,2,\"a\nb\"\n3,4,\"c\n5,6,d\n", "line 4: a quote is opened and never closed")]
    [InlineData("id,x,k\n1,2,\"a\"b\n", "line 2: text after a closing quote")]
    [InlineData("id,x,id\n1,2,3\n", "names the column 'id' twice")]
    [InlineData("1,2.5,3\n4,5,6\n", "has no header")]
    [InlineData("id,x,k\n", "has no rows")]
    public void A_broken_line_of_a_csv_is_named(string text, string expected) =>
        Assert.Contains(expected, Refused(_good, _files.Text("broken.csv", text)), StringComparison.Ordinal);

    [Fact]
    public void A_zero_byte_in_the_middle_of_a_csv_is_named()
    {
        var rows = string.Concat(Enumerable.Range(0, 2000).Select(i => $"{i},2,a\n"));
        Assert.Contains("line 2002: a byte that no text has", Refused(_good, _files.Text("zero.csv", $"id,x,k\n{rows}1,2,\0\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_without_a_common_column_or_rows_can_not_be_compared()
    {
        Assert.Contains("no column in common", Refused(_good, _files.Parquet("other.parquet", "SELECT 1 AS y")), StringComparison.Ordinal);
        Assert.Contains("has no rows", Refused(_good, _files.Parquet("none.parquet", $"{Numbers} LIMIT 0")), StringComparison.Ordinal);
    }

    // Undefined is neither drift nor its absence, so a window of one row gets no verdict ...
    [Fact]
    public void One_current_row_is_too_few_for_a_verdict() => Assert.Contains(
        "No column could be judged: below_min_sample (a verdict needs 30 current rows)", Refused(_good, _files.Parquet("one.parquet", $"{Numbers} LIMIT 1")), StringComparison.Ordinal);

    [Fact]
    public void Nulls_on_both_sides_leave_nothing_to_judge()
    {
        var nulls = _files.Parquet("nulls.parquet", "SELECT CAST(NULL AS DOUBLE) AS x FROM range(100)");
        Assert.Contains("empty_reference", Refused(nulls, _files.Csv("nulls.csv", "SELECT NULL AS x, 1 AS y FROM range(100)")), StringComparison.Ordinal);
    }

    // ... while a window of nulls where the reference has values is drift: its missingness is tested.
    [Fact]
    public void Nulls_against_values_are_drift_of_missingness()
    {
        var nulls = _files.Parquet("nulls.parquet", "SELECT CAST(NULL AS BIGINT) AS id, CAST(NULL AS DOUBLE) AS x, CAST(NULL AS VARCHAR) AS k FROM range(100)");
        var result = Compare(_good, nulls);

        Assert.True(result.Drifted);
        Assert.All(result.Outcomes[0].Columns, column => Assert.Equal((true, true), (column.Drifted, column.Drift.Missingness!.Drifted)));
    }
}
