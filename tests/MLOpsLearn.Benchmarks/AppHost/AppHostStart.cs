using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace MLOpsLearn.Benchmarks.AppHost;

/// <summary>
/// The built AppHost on a fresh data folder: how long until all is healthy, the first time and afterwards, and the demo against it: how long it
/// takes, how fast rows are predicted and stored, and how much the loop adds to the training itself.
/// </summary>
internal static class AppHostStart
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<int> RunAsync(string[] options)
    {
        // Servers that must not be root have to reach their folder.
        var data = Path.Combine(Path.GetTempPath(), "mlops-bench-" + Guid.NewGuid().ToString("N")[..8]);
        try
        {
            var port = FreePort();
            using (var first = Start(data, port, options))
            {
                Print("start, database initialised", await HealthyAsync(first, port), "s", "30 or less");
                await DemoAsync(port);
                await StopAsync(first);
            }

            using var second = Start(data, port, options);
            Print("start, again", await HealthyAsync(second, port), "s", "20 or less");
            await StopAsync(second);
            return 0;
        }
        finally
        {
            if (Directory.Exists(data))
            {
                Directory.Delete(data, recursive: true);
            }
        }
    }

    private static Process Start(string data, int port, string[] options)
    {
        var program = Path.GetFullPath(Path.Combine(BuiltMlops.Path, "..", "..", "..", "..", "..", "..", "MLOpsLearn.AppHost", "bin", "Release", "net10.0", "MLOpsLearn.AppHost"));
        var process = Process.Start(new ProcessStartInfo(program, [$"--AppHost:DataFolder={data}", $"--Gateway:HttpPort={port}", .. options])
        {
            RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task<double> HealthyAsync(Process process, int port)
    {
        var started = Stopwatch.GetTimestamp();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        while (Stopwatch.GetElapsedTime(started) < Patience && !process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/health"));
                if (answer.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(started).TotalSeconds;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // It is not there yet.
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("The AppHost did not become healthy.");
    }

    private static async Task DemoAsync(int port)
    {
        var report = Path.GetTempFileName();
        using var demo = Process.Start(new ProcessStartInfo(BuiltMlops.Path, ["demo", "--json", "--server", $"http://127.0.0.1:{port}", "--report", report])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = demo.StandardError.ReadToEndAsync();
        using var result = JsonDocument.Parse(await demo.StandardOutput.ReadToEndAsync());
        await demo.WaitForExitAsync();
        File.Delete(report);
        if (!result.RootElement.GetProperty("closed").GetBoolean())
        {
            throw new InvalidOperationException("The loop did not close.");
        }

        Print("demo", result.RootElement.GetProperty("seconds").GetDouble(), "s", "120 or less");
        Print("replay, predicted and stored", result.RootElement.GetProperty("replay_rows_per_second").GetDouble(), "rows/s", "");
        Print("alert to first answer, less training", result.RootElement.GetProperty("loop_overhead_seconds").GetDouble(), "s", "below 3");
    }

    private static async Task StopAsync(Process process)
    {
        using var terminate = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
    }

    private static int FreePort()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                // The gRPC address is the next port.
                using var next = new TcpListener(IPAddress.Loopback, port + 1);
                next.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }

    private static void Print(string what, double value, string unit, string limit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {value,10:0.##} {unit,-7} {limit}"));
}
