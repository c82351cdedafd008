using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>One large file through a server that is a process of its own, there and back, as MLflow's clients move it; bytes that don't compress.</summary>
internal static class ArtifactSize
{
    private const int ChunkBytes = 1024 * 1024;
    private const long Gibibyte = 1024L * 1024 * 1024;

    public static async Task<int> RunAsync(int gibibytes)
    {
        var state = Directory.CreateTempSubdirectory("mlops-artifacts").FullName;
        var port = FreePort();
        using var server = Process.Start(new ProcessStartInfo(
            BuiltMlops.Path,
            ["server", "--port", port.ToString(CultureInfo.InvariantCulture), "--grpc-port", FreePort().ToString(CultureInfo.InvariantCulture), "--state", state, "--parent-pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("mlops could not be started.");
        try
        {
            while (await server.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("Ready", StringComparison.Ordinal))
            {
                // Its log.
            }

            _ = server.StandardOutput.ReadToEndAsync();
            using var client = new HttpClient { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")), Timeout = Timeout.InfiniteTimeSpan };
            Console.WriteLine($"store      {(Environment.GetEnvironmentVariable("Artifacts__Root") is { Length: > 0 } root ? root : "folder")}");
            Console.WriteLine($"idle       {PeakMegabytes(server.Id):N0} MB at most");
            await MeasureAsync(client, server.Id, gibibytes * Gibibyte);
            return 0;
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task MeasureAsync(HttpClient client, int server, long size)
    {
        using var created = await client.PostAsJsonAsync("/api/2.0/mlflow/runs/create", new { experiment_id = "0" });
        var id = JsonDocument.Parse(await created.EnsureSuccessStatusCode().Content.ReadAsStringAsync()).RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString();
        var url = $"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/large.bin";

        var watch = Stopwatch.StartNew();
        using var sent = new RandomContent(size);
        using (var put = await client.PutAsync(url, sent))
        {
            put.EnsureSuccessStatusCode();
        }

        Report("upload", size, watch.Elapsed, server);
        watch.Restart();
        using var got = await client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await got.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        var received = await SHA256.HashDataAsync(body);
        Report("download", size, watch.Elapsed, server);
        Console.WriteLine(received.AsSpan().SequenceEqual(sent.Sha256) ? "the bytes are the same" : "THE BYTES DIFFER");

        using var ask = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(size - 10, size - 1) } };
        watch.Restart();
        using var tail = await client.SendAsync(ask);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"last 10 B  {(tail.StatusCode == HttpStatusCode.PartialContent ? "" : "NOT ")}in {watch.Elapsed.TotalMilliseconds:N0} ms"));
    }

    private static void Report(string what, long size, TimeSpan elapsed, int server) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{what,-11}{elapsed.TotalSeconds:N1} s, {size / elapsed.TotalSeconds / 1e6:N0} MB/s, {PeakMegabytes(server):N0} MB at most"));

    private static double PeakMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1000;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Random bytes of a length that is announced, and their digest.</summary>
    private sealed class RandomContent(long size) : HttpContent
    {
        public byte[] Sha256 { get; private set; } = [];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var (chunk, random) = (new byte[ChunkBytes], new Random(1));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var left = size; left > 0; left -= ChunkBytes)
            {
                random.NextBytes(chunk);
                hash.AppendData(chunk);
                await stream.WriteAsync(chunk);
            }

            Sha256 = hash.GetHashAndReset();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return true;
        }
    }
}
