using System.Text.Json;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;
using RabbitMQ.Client;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>The broker dies in the middle of the loop; afterwards every row and label counts once, and an operator deals with what could not be handled.</summary>
[Collection("processes")]
public sealed class BrokerFaultTests
{
    private const string Queue = "training.triggers";

    [Fact]
    public async Task The_loop_closes_over_a_killed_broker_with_every_row_and_label_counted_once()
    {
        ServerSet.SkipWithoutServers();
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers);
        await services.HealthyAsync();
        using var client = services.Connect();

        var demo = services.DemoAsync();
        await Eventually.TrueAsync(Mlops.CommandPatience, async () => demo.IsCompleted || (await StatusesAsync(client)).Any(status => status.StoredRows >= 2000));
        await servers.KillAsync("messaging");
        Assert.False(demo.IsCompleted, $"The demo was over before the broker was killed. {(demo.IsCompleted ? (await demo).Errors : "")}");
        var (exitCode, output, errors) = await demo;

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("closed").GetBoolean());
        var rows = json.RootElement.GetProperty("months").EnumerateArray().Sum(month => month.GetProperty("rows").GetInt64());
        var status = Assert.Single(await StatusesAsync(client));
        Assert.Equal((rows, rows, 0, 0, 0), (status.StoredRows, status.StoredLabels, status.DuplicateRows, status.ConflictingRows, status.LostRows));
        var jobs = (await client.Training.ListJobsAsync(new ListJobsRequest { PageSize = 1000 }, cancellationToken: TestContext.Current.CancellationToken)).Jobs;
        Assert.All(jobs.Where(job => job.Trigger.Kind == "alert").GroupBy(job => job.Trigger.Id), jobsOfAlert => Assert.Single(jobsOfAlert));

        await DeadLettersAreDealtWithAsync(servers, services);
    }

    /// <summary><c>mlops queues</c> against the gateway, on a trigger that nobody can act on.</summary>
    private static async Task DeadLettersAreDealtWithAsync(ServerSet servers, FiveServices services)
    {
        await using (var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken);
            await channel.BasicPublishAsync(
                "mlops.triggers", "k", mandatory: true, new BasicProperties { MessageId = "bad-1", Persistent = true }, """{"model":"nobody"}"""u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await Eventually.TrueAsync(Patience.Wait, async () => await DeadAsync(services) == 1);

        var shown = await QueuesAsync(services, "show", Queue, "--json");
        Assert.Contains("'nobody' is made by no pipeline", shown, StringComparison.Ordinal);
        Assert.Contains("1 sent again", await QueuesAsync(services, "resend", Queue, "--id", "bad-1"), StringComparison.Ordinal);
        await Eventually.TrueAsync(Patience.Wait, async () => await DeadAsync(services) == 1);
        await QueuesAsync(services, "discard", Queue, "--id", "bad-1");
        Assert.Equal(0, await DeadAsync(services));
    }

    private static async Task<long> DeadAsync(FiveServices services)
    {
        using var json = JsonDocument.Parse(await QueuesAsync(services, "list", "--json"));
        var dead = json.RootElement.EnumerateArray().Single(queue => queue.GetProperty("name").GetString() == Queue);
        return dead.TryGetProperty("dead", out var count) ? long.Parse(count.ToString(), System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    private static async Task<string> QueuesAsync(FiveServices services, params string[] arguments)
    {
        var (exitCode, output, errors) = await Mlops.RunAsync(["queues", .. arguments, "--server", services.Gateway.Http.ToString(), "--grpc", services.Gateway.Grpc.ToString()]);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    private static async Task<List<IngestStatus>> StatusesAsync(Client.MLOpsLearnClient client)
    {
        var found = new List<IngestStatus>();
        foreach (var subject in (await client.Monitoring.ListSubjectsAsync(new ListSubjectsRequest(), cancellationToken: TestContext.Current.CancellationToken)).Subjects)
        {
            found.Add(await client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = subject.Endpoint }, cancellationToken: TestContext.Current.CancellationToken));
        }

        return found;
    }
}
