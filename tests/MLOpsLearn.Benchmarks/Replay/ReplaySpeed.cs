using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MLOpsLearn.Benchmarks.Replay;

/// <summary>
/// The replay of the demo, as a user runs it: client and server are two processes on loopback, batches of 1,000 rows, with the demo's model,
/// capture, events and monitoring's store on; a month's time ends when its last row is stored.
/// </summary>
internal static class ReplaySpeed
{
    private const int Runs = 3;

    /// <param name="options">Options of the demo, for example --data DIR --from 2021-01; generated trips when there are none.</param>
    public static async Task<int> RunAsync(string[] options)
    {
        Console.WriteLine("run        rows/s   loop overhead s   whole demo s");
        for (var run = 1; run <= Runs; run++)
        {
            using var demo = Process.Start(new ProcessStartInfo(BuiltMlops.Path, ["demo", "--json", .. options]) { RedirectStandardOutput = true, RedirectStandardError = true })
                ?? throw new InvalidOperationException("mlops could not be started.");
            var complaints = demo.StandardError.ReadToEndAsync();
            var output = await demo.StandardOutput.ReadToEndAsync();
            await demo.WaitForExitAsync();
            if (output.Length == 0)
            {
                Console.Error.WriteLine(await complaints);
                return demo.ExitCode;
            }

            using var result = JsonDocument.Parse(output);
            var overhead = result.RootElement.GetProperty("loop_overhead_seconds");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{run,3}{result.RootElement.GetProperty("replay_rows_per_second").GetDouble(),14:N0}{(overhead.ValueKind == JsonValueKind.Null ? "none" : overhead.GetDouble().ToString("0.000", CultureInfo.InvariantCulture)),18}{result.RootElement.GetProperty("seconds").GetDouble(),15:0.0}"));
        }

        return 0;
    }
}
