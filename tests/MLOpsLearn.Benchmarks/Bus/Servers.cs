using Aspire.Hosting;

namespace MLOpsLearn.Benchmarks.Bus;

/// <summary>A broker and a database of the benchmark's own, as the AppHost starts them.</summary>
internal sealed class Servers(DistributedApplication app) : IAsyncDisposable
{
    public required string Broker { get; init; }

    public required string Database { get; init; }

    public static async Task<Servers> StartAsync()
    {
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var messaging = builder.AddRabbitMQ("messaging");
        var database = builder.AddPostgres("postgres").AddDatabase("monitoring");
        var app = builder.Build();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("messaging", limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("monitoring", limit.Token);
        return new Servers(app)
        {
            Broker = app.Engine.Model.ConnectionString(messaging.Resource),
            Database = app.Engine.Model.ConnectionString(database.Resource),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
