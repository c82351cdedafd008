using System.Buffers.Binary;
using CsCheck;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Promotion;

namespace MLOpsLearn.Registry.Tests.Promotion;

/// <summary>Whatever lies where scored rows should be, the gate says why it can't use it.</summary>
public sealed class HostileFileTests
{
    private static async Task<string> FaultAsync(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var (rows, fault) = await ScoredRowsReader.ReadAsync(stream, "", RegistryApp.Cancel);
        Assert.Null(rows);
        return Assert.IsType<string>(fault);
    }

    /// <summary>A file that is all footer.</summary>
    private static byte[] WithFooter(byte[] footer)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        return [.. "PAR1"u8, .. footer, .. length, .. "PAR1"u8];
    }

    [Fact]
    public async Task Rows_in_several_groups_are_read_as_one()
    {
        using var stream = new MemoryStream(await Rows.Against(3, 1, 2).ToParquetAsync(rowGroups: 4));

        var (rows, fault) = await ScoredRowsReader.ReadAsync(stream, "digest", RegistryApp.Cancel);

        Assert.Null(fault);
        Assert.Equal(Rows.Truth, rows!.Labels);
        Assert.Equal(Rows.Off(1), rows.Challenger);
        Assert.Equal(Rows.Off(2), rows.Champion);
        Assert.Equal((3, "digest"), (rows.ChampionVersion, rows.Sha256));
    }

    [Fact]
    public async Task Missing_columns_values_and_metadata_are_named()
    {
        Assert.Contains("'label'", await FaultAsync(await Rows.First().ToParquetAsync(labelName: "lable")), StringComparison.Ordinal);
        Assert.Contains("champion_version", await FaultAsync(await (Rows.First() with { ChampionVersion = null }).ToParquetAsync()), StringComparison.Ordinal);
        Assert.Contains("champion_version", await FaultAsync(await (Rows.First() with { ChampionVersion = "-1" }).ToParquetAsync()), StringComparison.Ordinal);
        Assert.Contains("missing or not finite", await FaultAsync(await (Rows.First() with { ChampionVersion = "1" }).ToParquetAsync()), StringComparison.Ordinal);
        foreach (var (bad, at) in new[] { (double.NaN, 0), (double.PositiveInfinity, 7), (double.NegativeInfinity, 199) })
        {
            double[] labels = [.. Rows.Truth];
            labels[at] = bad;
            Assert.Contains("not finite", await FaultAsync(await (Rows.First() with { Labels = labels }).ToParquetAsync()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_no_parquet_is_said_to_be_none()
    {
        foreach (var file in new byte[][] { [], [1], "PAR1PAR1"u8.ToArray(), new byte[1000], "PK zip or csv, but longer than a tail"u8.ToArray(), WithFooter([]), WithFooter([0xFF, 0xFF]) })
        {
            Assert.Contains("can't be read as parquet", await FaultAsync(file), StringComparison.Ordinal);
        }
    }

    // 0x1C: a field whose value is a struct; 0x19 0x19: a list of one list. Each level is a byte or two, so that the file stays small.
    [Theory]
    [InlineData(new byte[] { 0x1C })]
    [InlineData(new byte[] { 0x19, 0x19 })]
    [InlineData(new byte[] { 0x1B, 0x01, 0xBB })]
    public async Task A_footer_that_nests_without_end_does_not_overflow_the_stack(byte[] level)
    {
        byte[] footer = [.. Enumerable.Repeat(level, 1_000_000).SelectMany(bytes => bytes)];

        Assert.Contains("nested deeper", await FaultAsync(WithFooter(footer)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_claims_more_than_the_file_holds_is_refused()
    {
        // Field 2 (the schema) as a list of 2^31 - 1 structs.
        Assert.Contains("broken", await FaultAsync(WithFooter([0x15, 0x02, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07])), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_gives_rows_or_a_reason_but_never_throws()
    {
        var whole = await Rows.Against(1, 1, 2).ToParquetAsync();
        await Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, whole.Length]).SampleAsync(
            async (at, value, cut) =>
            {
                byte[] damaged = [.. whole];
                damaged[at] ^= value;
                foreach (var file in new[] { damaged, damaged[..cut], damaged[cut..] })
                {
                    using var stream = new MemoryStream(file);
                    var (rows, fault) = await ScoredRowsReader.ReadAsync(stream, "", CancellationToken.None);
                    Assert.True(rows is null != fault is null);
                }
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public async Task The_gate_refuses_a_hostile_file_and_says_why()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateVersionAsync();
        app.World.Files[(version.RunId, RegistryApp.RowsPath)] = WithFooter([.. Enumerable.Repeat((byte)0x1C, 100_000)]);
        var hostile = await app.EvaluateAsync(version);
        app.World.Files.TryRemove((version.RunId, RegistryApp.RowsPath), out _);
        var missing = await app.EvaluateAsync(version);

        Assert.Equal(Verdict.Refused, hostile.Verdict);
        Assert.Contains("nested deeper", Assert.Single(hostile.Checks, check => check.Name == "scored-rows").Explanation, StringComparison.Ordinal);
        Assert.Contains("HTTP 404", missing.Reason, StringComparison.Ordinal);
    }
}
