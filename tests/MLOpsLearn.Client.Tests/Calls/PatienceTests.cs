using System.Diagnostics;
using Grpc.Core;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Client.Tests.Calls;

/// <summary>What a client does while a service behind its server is away.</summary>
public sealed class PatienceTests
{
    private const string SubmitLabels = "SubmitLabels";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_call_outlasts_a_service_that_is_away_and_tells_it_that_it_was_made_before()
    {
        // More often than an impatient client asks.
        await using var server = await SickServer.StartAsync(StatusCode.Unavailable, times: 7);
        using var client = new MLOpsLearnClient(server.Address, server.Address, patience: Patience);

        await client.Monitoring.SubmitLabelsAsync(new SubmitLabelsRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["", "1", "2", "3", "4", "5", "6", "7"], server.Calls.Where(call => call.Method == SubmitLabels).Select(call => call.Before));
    }

    [Fact]
    public async Task The_patience_has_an_end()
    {
        await using var server = await SickServer.StartAsync(StatusCode.Unavailable, int.MaxValue);
        using var client = new MLOpsLearnClient(server.Address, server.Address, patience: Patience);
        var started = Stopwatch.GetTimestamp();

        await RefusedAsync(StatusCode.Unavailable, client.Monitoring.SubmitLabelsAsync(new SubmitLabelsRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(11, server.Calls.Count);
        Assert.True(Stopwatch.GetElapsedTime(started) < 5 * Patience);
    }

    [Fact]
    public async Task A_client_that_was_given_no_patience_asks_five_times()
    {
        await using var server = await SickServer.StartAsync(StatusCode.Unavailable, int.MaxValue);
        using var client = new MLOpsLearnClient(server.Address, server.Address);

        await RefusedAsync(StatusCode.Unavailable, client.Monitoring.SubmitLabelsAsync(new SubmitLabelsRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(5, server.Calls.Count);
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition)]
    [InlineData(StatusCode.Internal)]
    public async Task A_refusal_is_not_repeated(StatusCode refusal)
    {
        await using var server = await SickServer.StartAsync(refusal, int.MaxValue);
        using var client = new MLOpsLearnClient(server.Address, server.Address, patience: Patience);

        await RefusedAsync(refusal, client.Monitoring.SubmitLabelsAsync(new SubmitLabelsRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task A_call_that_does_not_bear_repetition_is_made_once()
    {
        await using var server = await SickServer.StartAsync(StatusCode.Unavailable, int.MaxValue);
        using var client = new MLOpsLearnClient(server.Address, server.Address, patience: Patience);

        await RefusedAsync(StatusCode.Unavailable, client.Training.CancelJobAsync(new CancelJobRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Single(server.Calls);
    }

    private static async Task RefusedAsync<T>(StatusCode status, AsyncUnaryCall<T> call)
    {
        using (call)
        {
            Assert.Equal(status, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync)).StatusCode);
        }
    }
}
