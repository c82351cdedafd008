using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Client.Tests.Calls;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Calls;

namespace MLOpsLearn.Messaging.Tests.Calls;

/// <summary>How a service calls another one: deadline, repetition, circuit breaker; over loopback.</summary>
public sealed class ServiceClientsTests
{
    private const int EnoughToOpen = 20;

    [Fact]
    public async Task A_call_without_a_deadline_gets_one_of_30_s_and_one_with_a_deadline_keeps_it()
    {
        await using var server = await SickServer.StartAsync(StatusCode.OK, times: 0);
        using var host = Host(server.Address);
        var client = host.Services.GetRequiredService<Training.TrainingClient>();

        await client.GetJobAsync(new GetJobRequest(), cancellationToken: TestContext.Current.CancellationToken);
        await client.GetJobAsync(new GetJobRequest(), deadline: DateTime.UtcNow.AddSeconds(5), cancellationToken: TestContext.Current.CancellationToken);
        using (var watching = client.WatchJob(new WatchJobRequest(), cancellationToken: TestContext.Current.CancellationToken))
        {
            await watching.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        }

        var seconds = server.Calls.Select(call => Seconds(call.Timeout)).ToList();
        Assert.InRange(seconds[0]!.Value, 25, 30);
        Assert.InRange(seconds[1]!.Value, 1, 5);
        // A stream goes on for as long as its caller reads.
        Assert.Null(seconds[2]);
    }

    [Fact]
    public async Task Only_a_call_that_bears_repetition_is_made_again_and_only_when_nobody_was_reached()
    {
        await using var away = await SickServer.StartAsync(StatusCode.Unavailable, int.MaxValue);
        await using var refusing = await SickServer.StartAsync(StatusCode.FailedPrecondition, int.MaxValue);
        using var host = Host(away.Address);
        using var other = Host(refusing.Address);

        await FailsAsync(StatusCode.Unavailable, host, client => client.GetJobAsync(new GetJobRequest()));
        await FailsAsync(StatusCode.Unavailable, host, client => client.CancelJobAsync(new CancelJobRequest()));
        await FailsAsync(StatusCode.FailedPrecondition, other, client => client.GetJobAsync(new GetJobRequest()));

        Assert.Equal(["", "1", "2", "3", "4"], away.Calls.Where(call => call.Method == "GetJob").Select(call => call.Before));
        Assert.Single(away.Calls, call => call.Method == "CancelJob");
        Assert.Single(refusing.Calls);
    }

    [Fact]
    public async Task A_service_that_could_not_be_reached_many_times_is_left_alone_for_a_moment_and_then_found_again()
    {
        var nobody = new Nobody();
        using var host = Host(nobody.Address);
        var reached = 0;
        while (!(await FailsAsync(StatusCode.Unavailable, host, client => client.CancelJobAsync(new CancelJobRequest()))).Status.Detail.Contains("many times in a row", StringComparison.Ordinal))
        {
            reached++;
            Assert.True(reached < 5 * EnoughToOpen, "No call was kept back.");
        }

        Assert.True(reached >= EnoughToOpen, $"kept back after {reached} calls");

        await nobody.DisposeAsync();
        await using var back = await SickServer.StartAsync(StatusCode.OK, times: 0, nobody.Address.Port);
        await FoundAgainAsync(host);
        Assert.NotEmpty(back.Calls);
    }

    [Fact]
    public async Task Refusals_do_not_open_the_circuit()
    {
        await using var server = await SickServer.StartAsync(StatusCode.FailedPrecondition, 2 * EnoughToOpen);
        using var host = Host(server.Address);
        for (var i = 0; i < 2 * EnoughToOpen; i++)
        {
            await FailsAsync(StatusCode.FailedPrecondition, host, client => client.CancelJobAsync(new CancelJobRequest()));
        }

        await host.Services.GetRequiredService<Training.TrainingClient>().CancelJobAsync(new CancelJobRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((2 * EnoughToOpen) + 1, server.Calls.Count);
    }

    private static IHost Host(Uri address)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["services:training:grpc:0"] = address.ToString();
        builder.AddServiceClient<Training.TrainingClient>("training");
        return builder.Build();
    }

    private static async Task<RpcException> FailsAsync<T>(StatusCode status, IHost host, Func<Training.TrainingClient, AsyncUnaryCall<T>> call)
    {
        using var made = call(host.Services.GetRequiredService<Training.TrainingClient>());
        var failed = await Assert.ThrowsAsync<RpcException>(() => made.ResponseAsync);
        Assert.Equal(status, failed.StatusCode);
        return failed;
    }

    /// <summary>The circuit lets a call through after a second.</summary>
    private static async Task FoundAgainAsync(IHost host)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await host.Services.GetRequiredService<Training.TrainingClient>().GetJobAsync(new GetJobRequest(), cancellationToken: TestContext.Current.CancellationToken);
                return;
            }
            catch (RpcException) when (TimeProvider.System.GetElapsedTime(started) < Patience.Wait)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>gRPC writes a number and a unit; ours come in milliseconds or seconds.</summary>
    private static double? Seconds(string timeout) => timeout.Length == 0
        ? null
        : double.Parse(timeout[..^1], System.Globalization.CultureInfo.InvariantCulture) / timeout[^1] switch
        {
            'S' => 1,
            'm' => 1e3,
            'u' => 1e6,
            'n' => 1e9,
            _ => throw new ArgumentOutOfRangeException(nameof(timeout), timeout, null),
        };

    /// <summary>A port where every connection is closed at once.</summary>
    private sealed class Nobody : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _refusing;

        public Nobody()
        {
            _listener.Start();
            Address = new Uri($"http://{_listener.LocalEndpoint}");
            _refusing = RefuseAsync();
        }

        public Uri Address { get; }

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
                }
            }
            catch (SocketException)
            {
                // The port is free again.
            }
        }
    }
}
