using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Training;
using MLOpsLearn.Training.Worker;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Tests.Worker;

/// <summary>What user's SQL and files may do, and what is said of bad ones.</summary>
public sealed class SandboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sandbox-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_blob('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELECT * FROM read_parquet('https://example.org/x.parquet')")]
    [InlineData("SELECT * FROM input WHERE distance > (SELECT count(*) FROM read_text('/etc/passwd'))")]
    [InlineData("COPY input TO '/tmp/stolen.parquet'")]
    [InlineData("ATTACH '/tmp/other.db'")]
    [InlineData("SET memory_limit='100GB'")]
    [InlineData("SET enable_external_access=true")]
    [InlineData("RESET lock_configuration")]
    [InlineData("PRAGMA database_list")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("CREATE TABLE t AS SELECT 1")]
    [InlineData("DROP VIEW input")]
    [InlineData("CALL enable_logging()")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT * FROM input; COPY input TO '/tmp/stolen.parquet'")]
    [InlineData("EXPORT DATABASE '/tmp/stolen'")]
    [InlineData("SELEC * FROM input")]
    [InlineData("")]
    public void Sql_that_reaches_beyond_its_input_is_refused(string sql)
    {
        using var sandbox = Open(Write(Trips.File(rows: 50)));

        var fault = Assert.Throws<WorkFault>(() => sandbox.Prepare(sql));

        Assert.StartsWith("dataset.prepare", fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsRetryable);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.DoesNotContain("root:", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/stolen.parquet"));
    }

    [Theory]
    [InlineData("SELECT event_time, zone, distance, duration FROM input;")]
    [InlineData("WITH t AS (SELECT * FROM input) SELECT * FROM t ORDER BY distance -- the end")]
    [InlineData("FROM input")]
    public void One_select_is_run(string sql)
    {
        using var sandbox = Open(Write(Trips.File(rows: 50)));

        sandbox.Prepare(sql);

        Assert.Equal(50, Read(sandbox).Count);
    }

    [Fact]
    public void A_broken_file_is_named()
    {
        var truncated = Trips.File(rows: 500);
        foreach (var content in new[] { Array.Empty<byte>(), "not parquet at all"u8.ToArray(), truncated[..(truncated.Length / 2)], truncated[^200..] })
        {
            var fault = Assert.Throws<WorkFault>(() => Open(Write(content)).Dispose());

            Assert.Contains("'runs:/x/trips.parquet'", fault.Message, StringComparison.Ordinal);
            Assert.Contains("parquet", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(_folder, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("SELECT zone, distance, duration FROM input", "no column 'event_time'")]
    [InlineData("SELECT event_time, distance, duration FROM input", "no column 'zone' (features)")]
    [InlineData("SELECT event_time, zone, distance FROM input", "no column 'duration' (target.name)")]
    [InlineData("SELECT event_time, zone, distance, 'long' AS duration FROM input", "'duration' (target.name) must be numeric, is VARCHAR")]
    [InlineData("SELECT 5 AS event_time, zone, distance, duration FROM input", "'event_time' must be a timestamp, is INTEGER")]
    [InlineData("SELECT * FROM input WHERE false", "Only 0 valid rows of 0")]
    [InlineData("SELECT * REPLACE (duration + 1000 AS duration) FROM input", "dropped 300 outside the target's range")]
    [InlineData("SELECT * REPLACE (NULL::DOUBLE AS duration) FROM input", "dropped 300 without target")]
    [InlineData("SELECT * REPLACE ('nan'::DOUBLE AS duration) FROM input", "dropped 300 without target")]
    [InlineData("SELECT * REPLACE (NULL::TIMESTAMP AS event_time) FROM input", "dropped 300 without event_time")]
    public void Rows_that_cannot_be_trained_on_are_explained(string sql, string expected)
    {
        using var sandbox = Open(Write(Trips.File(rows: 300)));
        sandbox.Prepare(sql);

        Assert.Contains(expected, Assert.Throws<WorkFault>(() => Read(sandbox)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_come_in_one_order_however_the_file_has_them()
    {
        using var ascending = Open(Write(Trips.File("SELECT * FROM trips ORDER BY event_time")));
        using var shuffled = Open(Write(Trips.File("SELECT * FROM trips ORDER BY hash(event_time)")));
        ascending.Prepare(null);
        shuffled.Prepare(null);

        Assert.Equal(RowsDigest.Of(Read(ascending)), RowsDigest.Of(Read(shuffled)));
    }

    [Fact]
    public void Whole_numbers_as_categories_read_the_same_however_wide_their_column_is()
    {
        var digests = new[] { "SMALLINT", "BIGINT", "DOUBLE", "VARCHAR" }.Select(type =>
        {
            using var sandbox = Open(Write(Trips.File($"SELECT * REPLACE (CAST(substr(zone, 2) AS {type}) AS zone) FROM trips")));
            sandbox.Prepare(null);
            return RowsDigest.Of(Read(sandbox));
        });

        Assert.Single(digests.Distinct());
    }

    [Fact]
    public void Files_of_different_types_are_read_together_by_name()
    {
        var (first, second) = (Write(Trips.File(rows: 100)), Write(Trips.File(
            "SELECT duration, CAST(event_time AS VARCHAR) AS event_time, zone, CAST(distance AS FLOAT) AS distance FROM trips", rows: 100, from: "2024-02-01")));
        using var sandbox = new Sandbox([first, second], isCsv: false, _folder, 256L << 20);
        sandbox.OpenInput();
        sandbox.Prepare("SELECT * REPLACE (CAST(event_time AS TIMESTAMP) AS event_time) FROM input");

        Assert.Equal(200, Read(sandbox).Count);
    }

    [Theory]
    [InlineData("SELECT * REPLACE (CASE WHEN distance > 10 THEN 'far' ELSE CAST(distance AS VARCHAR) END AS distance) FROM input", false, "are not numbers")]
    [InlineData("SELECT * REPLACE (CASE WHEN distance > 5 THEN NULL ELSE distance END AS distance) FROM input", false, "are missing")]
    [InlineData("SELECT * REPLACE ('z1' AS zone) FROM input", true, "zone: all values are equal")]
    public void What_is_wrong_with_the_data_is_found(string sql, bool isGood, string finding)
    {
        using var sandbox = Open(Write(Trips.File()));
        sandbox.Prepare(sql);

        var quality = Read(sandbox).Quality;

        Assert.Equal(isGood, quality.IsGood);
        Assert.Contains(quality.Findings, found => found.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_of_one_moment_lie_on_one_side_of_the_split()
    {
        using var sandbox = Open(Write(Trips.File("SELECT * REPLACE (time_bucket(INTERVAL '7 hours', event_time) AS event_time) FROM trips")));
        sandbox.Prepare(null);

        var split = RowSplit.ByTime(Read(sandbox), 0.2);

        Assert.True(split.Training.Times[^1] < split.HeldOut.Times[0]);
        Assert.InRange(split.HeldOut.Count, 400, 820);
        Assert.Equal(2000, split.Training.Count + split.HeldOut.Count);
    }

    private static PreparedRows Read(Sandbox sandbox)
    {
        var specification = PipelineSpecificationReader.Parse(Trips.Yaml()).Specification!;
        return new PreparedReader(sandbox, specification, PreparedColumn.Of(PipelineTrainer.SignatureOf(specification), null)).Read();
    }

    private InputFile Write(byte[] content)
    {
        var path = Path.Combine(_folder, $"{Guid.CreateVersion7():N}.parquet");
        File.WriteAllBytes(path, content);
        return new InputFile("runs:/x/trips.parquet", path, "");
    }

    private Sandbox Open(InputFile file)
    {
        var sandbox = new Sandbox([file], isCsv: false, _folder, 256L << 20);
        sandbox.OpenInput();
        return sandbox;
    }
}
