using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Tracking.V1;
using Npgsql;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>Two of each service: they start together on empty databases, and one ends while calls come.</summary>
[Collection("processes")]
public sealed class ReplicaTests
{
    private const int Replicas = 2;

    [Fact]
    public async Task Replicas_that_start_together_migrate_once_and_one_that_is_asked_to_end_finishes_what_it_has()
    {
        ServerSet.SkipWithoutServers();
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers, replicas: Replicas);
        await services.HealthyAsync();

        foreach (var service in FiveServices.Names)
        {
            Assert.Single(services.Log(service).Split('\n'), line => line.Contains($"The database of {service} gets", StringComparison.Ordinal));
            Assert.Equal(0, services.Restarts(service));
            Assert.Equal(Replicas, services.ProcessIds(service).Count);
            Assert.True(await MigrationsAsync(servers.Database(service)) > 0);
        }

        await AssertDrainsAsync(services);
    }

    private static async Task AssertDrainsAsync(FiveServices services)
    {
        using var client = services.Connect();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var failures = new List<string>();
        var answered = 0;
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await client.Tracking.CreateRunAsync(new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId() }, cancellationToken: CancellationToken.None);
                    Interlocked.Increment(ref answered);
                }
                catch (RpcException exception)
                {
                    lock (failures)
                    {
                        failures.Add(exception.Status.ToString());
                    }
                }
            }
        }));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        using (var asked = Process.Start("kill", ["-TERM", services.ProcessIds("tracking")[0].ToString(CultureInfo.InvariantCulture)]))
        {
            await asked.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(TimeSpan.FromSeconds(30), () => services.Restarts("tracking") == 1, "The replica did not end.");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await load;

        Assert.Equal(0, services.ExitCode("tracking"));
        Assert.Empty(failures);
        Assert.True(answered > 0);
    }

    private static async Task<long> MigrationsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("""SELECT count(*) FROM "__EFMigrationsHistory" """, connection);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
