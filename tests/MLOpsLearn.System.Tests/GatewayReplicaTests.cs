using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;

namespace MLOpsLearn.SystemTests;

/// <summary>The gateway in front of a name that stands for several addresses, with a gRPC server at each.</summary>
public sealed class GatewayReplicaTests : IAsyncLifetime
{
    private const string Name = "inference-grpc.example";
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly Names _names = new();
    private readonly int _port = FreePort();
    private Replica _first = null!;
    private Replica _second = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: only Linux has more than one loopback address");
        _first = await Replica.StartAsync("127.0.0.1", _port);
        _second = await Replica.StartAsync("127.0.0.2", _port);
    }

    public async ValueTask DisposeAsync()
    {
        if (_first is not null)
        {
            await _first.DisposeAsync();
            await _second.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("PowerOfTwoChoices")]
    [InlineData("RoundRobin")]
    public async Task Calls_of_one_client_are_spread_over_all_replicas(string policy)
    {
        _names.Set("127.0.0.1", "127.0.0.2");
        await using var gateway = await StartAsync(policy);

        for (var call = 0; call < 50; call++)
        {
            await gateway.PredictAsync();
        }

        for (var call = 0; call < 50; call++)
        {
            await gateway.ListAsync();
        }

        Assert.Equal(100, _first.Predictions + _second.Predictions + _first.Lists + _second.Lists);
        foreach (var replica in new[] { _first, _second })
        {
            Assert.InRange(replica.Predictions, 10, 40);
            Assert.InRange(replica.Lists, 10, 40);
        }
    }

    [Fact]
    public async Task A_replica_that_dies_costs_no_prediction_and_is_left_until_it_is_back()
    {
        _names.Set("127.0.0.1", "127.0.0.2");
        await using var gateway = await StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await gateway.PredictAsync();
            }
        })).ToList();
        await Eventually.TrueAsync(Patience.Wait, () => _first.Predictions > 50 && _second.Predictions > 50);

        await _second.DieAsync();
        var before = _first.Predictions;
        await Eventually.TrueAsync(Patience.Wait, () => _first.Predictions > before + 200 || load.Any(lane => lane.IsCompleted));
        await stop.CancelAsync();
        await Task.WhenAll(load);

        // Not asked again and again, either: each try that finds nobody is a delay.
        var tries = gateway.TriesInVain;
        Assert.True(tries > 0);
        for (var call = 0; call < 20; call++)
        {
            await gateway.ListAsync();
        }

        Assert.Equal(20, _first.Lists);
        Assert.Equal(tries, gateway.TriesInVain);

        _second = await Replica.StartAsync("127.0.0.2", _port);
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.TrueAsync(Patience.Wait, async () =>
        {
            await gateway.PredictAsync();
            return _second.Predictions > 0;
        });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3_000_000, 60_000)]
    public async Task A_prediction_whose_new_connections_break_too_is_answered(int bytes, int taken)
    {
        // As the address that replicas share takes connections for one that was killed and is not gone yet.
        await using var door = new BreakingDoor(breaks: 3, taken, new IPEndPoint(IPAddress.Loopback, _port));
        await using var gateway = await Front.StartAsync(_names.LookUpAsync, TimeProvider.System, $"http://127.0.0.1:{door.Port}", "RoundRobin");

        await gateway.PredictAsync(bytes);

        Assert.Equal(1, _first.Predictions);
        Assert.Equal(4, door.Connections);
    }

    [Fact]
    public async Task A_replica_that_is_added_is_found_and_one_that_is_taken_out_of_the_name_is_left()
    {
        _names.Set("127.0.0.1");
        await using var gateway = await StartAsync();
        await gateway.PredictAsync();
        Assert.Equal(0, _second.Predictions);

        _names.Set("127.0.0.1", "127.0.0.2");
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.TrueAsync(Patience.Wait, async () =>
        {
            await gateway.PredictAsync();
            return _second.Predictions > 0;
        });

        _names.Set("127.0.0.2");
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.TrueAsync(Patience.Wait, async () =>
        {
            var before = _first.Predictions;
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.PredictAsync()));
            return _first.Predictions == before;
        });
    }

    [Fact]
    public async Task A_name_server_that_is_away_changes_nothing_and_a_name_that_nobody_has_yet_keeps_nobody_from_starting()
    {
        _names.Fail(SocketError.HostNotFound);
        await using var gateway = await StartAsync();
        var call = gateway.PredictAsync();
        await Eventually.TrueAsync(Patience.Wait, () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return call.IsCompleted;
        });
        var failure = await Assert.ThrowsAsync<RpcException>(() => call);
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);

        _names.Set("127.0.0.1", "127.0.0.2");
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.TrueAsync(Patience.Wait, async () =>
        {
            try
            {
                await gateway.PredictAsync();
                return true;
            }
            catch (RpcException)
            {
                return false;
            }
        });

        _names.Fail(SocketError.TryAgain);
        var asked = _names.Asked;
        _time.Advance(TimeSpan.FromSeconds(6));
        await Eventually.TrueAsync(Patience.Wait, () => _names.Asked > asked);
        for (var more = 0; more < 10; more++)
        {
            await gateway.PredictAsync();
        }
    }

    private Task<Front> StartAsync(string policy = "RoundRobin") => Front.StartAsync(_names.LookUpAsync, _time, $"http://{Name}:{_port}", policy);

    /// <summary>A port that is free at both addresses.</summary>
    private static int FreePort()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        return ((IPEndPoint)first.LocalEndpoint).Port;
    }
}
