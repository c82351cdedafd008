using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MLOpsLearn.SystemTests;

/// <summary>Database and cache that are killed while a short loop retrains.</summary>
[Collection("processes")]
public sealed class ServersKilledInTheLoopTests(LoopOnAppHost loop) : IClassFixture<LoopOnAppHost>
{

    [Fact]
    public async Task The_loop_closes_over_a_killed_database_and_nothing_is_lost_or_doubled()
    {
        var appHost = await loop.AppHostAsync();
        using var demo = ShortLoop.Start(appHost.Client, loop.Folder);
        var retraining = await demo.RetrainingAsync();

        // The first of its processes alone: those that it left behind end when they notice, and keep the next one waiting until then.
        var killed = DatabaseOf(appHost)!.Value;
        AppHostProcess.Kill(killed);

        await Eventually.TrueAsync(Patience.Wait, () => DatabaseOf(appHost) is { } next && next != killed, "The database was not started again.");
        await demo.ClosesWithNothingLostOrDoubledAsync(() => $"database killed in job {retraining.JobId}\n{appHost.Tail()}");
    }

    [Fact]
    public async Task The_loop_closes_without_the_cache_that_it_began_with_and_nothing_is_lost_or_doubled()
    {
        var appHost = await loop.AppHostAsync();
        using var demo = ShortLoop.Start(appHost.Client, loop.Folder);
        var retraining = await demo.RetrainingAsync();

        var cache = CacheOf(appHost)!.Value;
        AppHostProcess.Kill(cache.Id);
        // It can't come back while its port is taken.
        await using var taken = await TakenPort.OfAsync(cache.Port);

        await demo.ClosesWithNothingLostOrDoubledAsync(() => $"cache killed in job {retraining.JobId}\n{appHost.Tail()}");
        Assert.True(taken.Refused > 0, "Nobody asked for the cache.");
        Assert.Contains(appHost.Lines, line => line.Contains("Address already in use", StringComparison.Ordinal));
    }

    private static int? DatabaseOf(AppHostProcess appHost) => appHost.Processes
        .Where(process => process.Command.Contains("/postgres -D ", StringComparison.Ordinal)).Select(process => (int?)process.Id).FirstOrDefault();

    private static (int Id, int Port)? CacheOf(AppHostProcess appHost) => appHost.Processes
        .Where(process => process.Command.Contains("redis-server ", StringComparison.Ordinal))
        .Select(process => ((int, int)?)(process.Id, int.Parse(process.Command.TrimEnd()[(process.Command.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture)))
        .FirstOrDefault();

    /// <summary>A port on which every connection is closed at once.</summary>
    private sealed class TakenPort : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _refusing;

        private TakenPort(TcpListener listener)
        {
            _listener = listener;
            _refusing = RefuseAsync();
        }

        public int Refused { get; private set; }

        /// <summary>Takes the port as soon as the process that had it is gone.</summary>
        public static async Task<TakenPort> OfAsync(int port)
        {
            var started = Stopwatch.GetTimestamp();
            while (true)
            {
                try
                {
                    var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    return new TakenPort(listener);
                }
                catch (SocketException) when (Stopwatch.GetElapsedTime(started) < Patience.Wait)
                {
                    await Task.Delay(5, TestContext.Current.CancellationToken);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _refusing;
        }

        private async Task RefuseAsync()
        {
            try
            {
                while (true)
                {
                    (await _listener.AcceptSocketAsync()).Dispose();
                    Refused++;
                }
            }
            catch (SocketException)
            {
                // The port is free again.
            }
        }
    }
}
