using System.Diagnostics;
using System.Net;
using Aspire.Hosting.Engine;
using Npgsql;
using StackExchange.Redis;

namespace Aspire.Hosting.Tests;

/// <summary>The servers of this machine, started privately and stopped without a trace.</summary>
[Collection("console")]
public sealed class ServerTests
{
    [Fact]
    public async Task Broker_cache_and_database_come_up_with_passwords_and_leave_no_process_behind()
    {
        Assert.SkipWhen(
            new[] { "rabbitmq-server", "redis-server", "postgres" }.Any(program => Programs.Find(program) is null),
            "skipped: install the servers with deploy/local/install.sh");
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var messaging = builder.AddRabbitMQ("messaging");
        var cache = builder.AddRedis("cache");
        var database = builder.AddPostgres("postgres").AddDatabase("trackingdb");
        builder.AddExecutable("printer", "/bin/sh", "/", "-c", "test -n \"$ConnectionStrings__trackingdb\" && test -n \"$CACHE_URI\"").WithReference(database).WithReference(cache).WaitFor(database).WaitFor(messaging).WaitFor(cache);
        await using var app = builder.Build();
        using var timeout = new CancellationTokenSource(Patience.Wait);

        await app.StartAsync(timeout.Token);
        foreach (var name in new[] { "messaging", "cache", "postgres", "trackingdb" })
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, timeout.Token);
        }

        var model = app.Engine.Model;
        await using (var connection = new NpgsqlConnection(model.ConnectionString(database.Resource)))
        {
            await connection.OpenAsync(timeout.Token);
        }

        var withoutPassword = await ConnectionMultiplexer.ConnectAsync(model.ConnectionString(cache.Resource).Split(',')[0] + ",abortConnect=false,connectTimeout=500");
        await Assert.ThrowsAnyAsync<RedisException>(() => withoutPassword.GetDatabase().PingAsync());
        await withoutPassword.DisposeAsync();
        await app.ResourceNotifications.WaitForResourceAsync("printer", snapshot => snapshot.ExitCode == 0, timeout.Token);
        var root = app.Engine.Data.Root;
        var ids = new[] { "messaging", "cache", "postgres" }.SelectMany(name => app.ResourceNotifications.TryGet(name)!.ProcessIds).ToList();
        Assert.Equal(3, ids.Count);
        if (OperatingSystem.IsLinux())
        {
            var listening = Listeners.OfDescendants();
            // Broker, its port for other nodes, its name daemon, cache, database.
            Assert.True(listening.Select(listener => listener.Port).Distinct().Count() >= 5, $"{listening.Count} listeners");
            Assert.All(listening, listener => Assert.True(IPAddress.IsLoopback(listener.Address), $"{listener}"));
        }

        await app.StopAsync(timeout.Token);

        Assert.DoesNotContain(Process.GetProcesses(), process => ids.Contains(process.Id));
        Assert.Empty(CommandLines.With(root));
    }
}
