using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Caching;

namespace MLOpsLearn.Messaging.Tests.Caching;

/// <summary>Two hosts that share a real Redis, until it is killed.</summary>
public sealed class SharedCacheTests
{
    private const string Key = "model-version:default:trips:1";

    [Fact]
    public async Task Replicas_share_answers_and_take_turns_and_go_on_without_when_the_cache_is_killed()
    {
        Assert.SkipWhen(Programs.Find("redis-server") is null, "skipped: install the servers with deploy/local/install.sh");
        var token = TestContext.Current.CancellationToken;
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var redis = builder.AddRedis("cache");
        await using var app = builder.Build();
        await app.StartAsync(token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("cache", token);
        var address = app.Engine.Model.ConnectionString(redis.Resource);
        using var one = Start(address);
        using var other = Start(address);
        await ConnectedAsync(one);
        await ConnectedAsync(other);

        // A busy machine may leave the cache half a second without an answer, and then each asks for itself; that it is shared shows all the same.
        var shared = 0;
        for (var i = 0; shared == 0; i++)
        {
            Assert.True(i < 20, "No answer was ever shared.");
            Assert.Equal("a", (await AskAsync(one, $"{Key}{i}", "a")).RunId);
            shared += (await AskAsync(other, $"{Key}{i}", "b")).RunId == "a" ? 1 : 0;
        }

        var (first, second) = (Locks(one), Locks(other));
        var held = await first.TakeAsync("retrain:trips", token);
        var waiting = second.TakeAsync("retrain:trips", token);
        await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(300), token));
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();
        await (await waiting.WaitAsync(Patience.Wait, token)).DisposeAsync();

        await app.StopAsync(token);
        var started = Stopwatch.GetTimestamp();
        await using (await first.TakeAsync("retrain:trips", token))
        await using (await second.TakeAsync("retrain:trips", token))
        {
            Assert.Equal("c", (await AskAsync(other, Key + "away", "c")).RunId);
        }

        // Not as long as a lock that somebody may hold is waited for.
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(25), $"{Stopwatch.GetElapsedTime(started)}");
    }

    private static IHost Start(string address)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:cache", address)]);
        builder.Services.AddLogging();
        builder.AddCachedMessage<ModelVersion>();
        return builder.Build();
    }

    private static SharedLocks Locks(IHost host) => host.Services.GetRequiredService<SharedLocks>();

    private static async Task ConnectedAsync(IHost host)
    {
        var connection = host.Services.GetRequiredService<RedisConnection>();
        await Eventually.HoldsAsync(() => connection.IsConnected);
    }

    private static async Task<ModelVersion> AskAsync(IHost host, string key, string answer) => await host.Services.GetRequiredService<HybridCache>().GetOrCreateAsync(
        key, _ => ValueTask.FromResult(new ModelVersion { RunId = answer }), cancellationToken: TestContext.Current.CancellationToken);
}
