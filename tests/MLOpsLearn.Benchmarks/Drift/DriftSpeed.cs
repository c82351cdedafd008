using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;

namespace MLOpsLearn.Benchmarks.Drift;

/// <summary>
/// <c>mlops drift</c> as a user runs it, from process start to exit: ten columns of numbers, three of categories, one of instants, one of
/// text; table and page included. The files are made once and kept in the temporary folder.
/// </summary>
internal static class DriftSpeed
{
    private const int Runs = 5;
    private const int Rows = 1_000_000;

    public static async Task<int> RunAsync()
    {
        string[] files = [Make(0.3), Make(0.4)];
        Console.WriteLine("run   seconds   cpu seconds   peak MB");
        for (var run = 1; run <= Runs; run++)
        {
            var page = Path.Combine(Path.GetTempPath(), "mlops-drift-speed.html");
            var start = Stopwatch.GetTimestamp();
            using var drift = Process.Start(new ProcessStartInfo(BuiltMlops.Path, ["drift", .. files, "--html", page]) { RedirectStandardOutput = true, RedirectStandardError = true })
                ?? throw new InvalidOperationException("mlops could not be started.");
            var (output, complaints) = (drift.StandardOutput.ReadToEndAsync(), drift.StandardError.ReadToEndAsync());
            var (peak, processor) = await WatchAsync(drift);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (drift.ExitCode is not (0 or 1))
            {
                Console.Error.WriteLine(await complaints);
                return drift.ExitCode;
            }

            await output;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run,3}{seconds,10:0.00}{processor,14:0.00}{peak / 1e6,10:0}"));
        }

        return 0;
    }

    // The system keeps the peak of a process, but only while it lives.
    private static async Task<(long Peak, double Processor)> WatchAsync(Process process)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var (peak, processor) = (0L, 0.0);
        while (!process.HasExited)
        {
            try
            {
                process.Refresh();
                (peak, processor) = (Math.Max(peak, process.PeakWorkingSet64), process.TotalProcessorTime.TotalSeconds);
            }
            catch (InvalidOperationException)
            {
                // It ended between two lines.
                break;
            }

            await timer.WaitForNextTickAsync();
        }

        await process.WaitForExitAsync();
        return (peak, processor);
    }

    private static string Make(double seed)
    {
        var file = Path.Combine(Path.GetTempPath(), FormattableString.Invariant($"mlops-drift-speed-{Rows}-{seed}.parquet"));
        if (File.Exists(file))
        {
            return file;
        }

        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        var amounts = string.Join(", ", Enumerable.Range(1, 8).Select(i => $"exp(random() + random() + random() + random()) * {i} AS amount{i}"));
        foreach (var sql in (string[])[
            "SET threads=1",
            FormattableString.Invariant($"SELECT setseed({seed})"),
            $"""
            COPY (SELECT {amounts}, CAST(random() * 1000 AS INTEGER) AS count1, CAST(random() * 20 AS INTEGER) AS count2,
                'city-' || CAST(pow(random(), 2) * 260 AS INTEGER) AS city, chr(97 + CAST(random() * 5 AS INTEGER)) AS grade, random() < 0.3 AS flag,
                TIMESTAMP '2021-01-01' + to_seconds(CAST(random() * 2678400 AS BIGINT)) AS at, repeat('word ', CAST(random() * 10 AS INTEGER)) || i AS note
                FROM range({Rows}) t(i)) TO '{file}.part' (FORMAT parquet)
            """])
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }

        File.Move(file + ".part", file);
        return file;
    }
}
