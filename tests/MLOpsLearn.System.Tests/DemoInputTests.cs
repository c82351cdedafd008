using DuckDB.NET.Data;

namespace MLOpsLearn.SystemTests;

/// <summary>Bad input of the demo: one clear line that names the file or option, exit code 2, and nothing left behind.</summary>
[Collection("processes")]
public sealed class DemoInputTests : IDisposable
{
    private const string Good = """
        SELECT TIMESTAMP '2021-01-01' + INTERVAL (i) MINUTE AS lpep_pickup_datetime, TIMESTAMP '2021-01-01' + INTERVAL (i + 10) MINUTE AS lpep_dropoff_datetime,
          1 + i % 200 AS PULocationID, 1 + i % 100 AS DOLocationID, 1.5 AS trip_distance FROM range(1000) t(i)
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-input-").FullName;
    private readonly string _temporary = Directory.CreateTempSubdirectory("mlops-temporary-").FullName;

    public static TheoryData<string, string, string> BadFiles => new()
    {
        { "a column is missing", Good.Replace(", 1.5 AS trip_distance", "", StringComparison.Ordinal), "no column 'trip_distance'" },
        { "a number is a text", Good.Replace("1.5 AS trip_distance", "'far' AS trip_distance", StringComparison.Ordinal), "'trip_distance' is VARCHAR" },
        { "a moment is a number", Good.Replace("TIMESTAMP '2021-01-01' + INTERVAL (i) MINUTE AS lpep", "i AS lpep", StringComparison.Ordinal), "'lpep_pickup_datetime' is BIGINT" },
        { "a moment is another text", Good.Replace("TIMESTAMP '2021-01-01' + INTERVAL (i) MINUTE AS lpep", "'soon' AS lpep", StringComparison.Ordinal), "'soon'" },
        { "no trip lasts a minute", Good.Replace("i + 10", "i", StringComparison.Ordinal), "no trip of 1 to 60 minutes" },
        { "there is no row", Good + " WHERE i < 0", "no trip of 1 to 60 minutes" },
        { "the month is another", Good.Replace("2021-01-01", "2019-05-01", StringComparison.Ordinal), "2019-05" },
    };

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_temporary, recursive: true);
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_bad_month_is_named(string what, string select, string said)
    {
        Write("2021-01", select);
        Write("2021-02", Good.Replace("2021-01-01", "2021-02-01", StringComparison.Ordinal));

        await RefusedAsync([said, "green_tripdata_2021-01.parquet"], "--data", _folder);
        Assert.NotEmpty(what);
    }

    [Fact]
    public async Task A_bad_month_is_found_before_anything_starts_also_when_it_is_the_last()
    {
        Write("2021-01", Good);
        var last = Write("2021-02", Good);
        await File.WriteAllBytesAsync(last, (await File.ReadAllBytesAsync(last, TestContext.Current.CancellationToken))[..500], TestContext.Current.CancellationToken);

        await RefusedAsync(["green_tripdata_2021-02.parquet", "can't be read"], "--data", _folder, "--state", Path.Combine(_folder, "state"));

        Assert.False(Directory.Exists(Path.Combine(_folder, "state")));
    }

    [Fact]
    public async Task A_file_that_is_no_parquet_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "green_tripdata_2021-01.parquet"), "VendorID,lpep_pickup_datetime", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "green_tripdata_2021-02.parquet"), "", TestContext.Current.CancellationToken);

        await RefusedAsync(["green_tripdata_2021-01.parquet", "can't be read"], "--data", _folder);
    }

    [Fact]
    public Task An_empty_folder_is_named() => RefusedAsync([_folder, "no file green_tripdata"], "--data", _folder);

    [Fact]
    public Task A_missing_folder_is_named() => RefusedAsync(["does not exist"], "--data", Path.Combine(_folder, "nowhere"));

    [Fact]
    public async Task A_file_in_place_of_its_folder_is_told_so()
    {
        var file = Write("2021-01", Good);

        await RefusedAsync(["is a file"], "--data", file);
    }

    [Fact]
    public async Task One_month_is_too_few()
    {
        Write("2021-01", Good);

        await RefusedAsync(["at least two"], "--data", _folder);
    }

    [Theory]
    [InlineData("--frm", "--frm", "2021-01")]
    [InlineData("--seed", "--seed", "many")]
    [InlineData("--from", "--from", "2021-13", "--data", ".")]
    [InlineData("--from", "--from", "2021-01")]
    [InlineData("--server", "--server", "nonsense")]
    [InlineData("--no-change", "--no-change", "--data", ".")]
    [InlineData("--keep", "--keep", "--server", "http://127.0.0.1:1")]
    public Task A_bad_option_is_named(string option, params string[] arguments) => RefusedAsync([option], arguments);

    [Fact]
    public Task A_server_that_is_not_there_is_told_so() => RefusedAsync(["http://127.0.0.1:1", "mlops server"], "--server", "http://127.0.0.1:1");

    [Fact]
    public async Task A_state_folder_of_a_newer_version_is_left_alone()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "format"), "999", TestContext.Current.CancellationToken);

        await RefusedAsync([_folder, "newer version"], "--state", _folder);
        var (exitCode, _, errors) = await Mlops.RunAsync("server", "--state", _folder, "--port", "0");

        Assert.Equal(2, exitCode);
        Assert.Single(Lines(errors));
        Assert.Equal("999", await File.ReadAllTextAsync(Path.Combine(_folder, "format"), TestContext.Current.CancellationToken));
        Assert.Empty(Directory.GetFiles(_folder, "*.db"));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder, "taken");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await RefusedAsync([file], "--state", Path.Combine(file, "state"));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "skipped: the administrator may write anywhere");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            await RefusedAsync([_folder, "not writable"], "--state", _folder);
            File.SetUnixFileMode(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>The last line is the complaint, the only one with the program's name, and names all that it must; what was written is gone.</summary>
    private async Task RefusedAsync(string[] said, params string[] arguments)
    {
        var (exitCode, output, errors) = await Mlops.RunAsync(_temporary, ["demo", .. arguments]);

        var complaint = Assert.Single(Lines(errors), line => line.StartsWith("mlops: ", StringComparison.Ordinal));
        Assert.Equal(complaint, Lines(errors)[^1]);
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.All(said, word => Assert.Contains(word, complaint, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(_temporary, "mlops-demo-*"));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private string Write(string month, string select)
    {
        var path = Path.Combine(_folder, $"green_tripdata_{month}.parquet");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({select}) TO '{path.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return path;
    }
}
