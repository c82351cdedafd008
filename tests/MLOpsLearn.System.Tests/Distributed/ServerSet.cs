using System.Diagnostics;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>
/// A private broker, cache and database whose addresses are known before they start, so that services may be there first. A server that is killed
/// is started again.
/// </summary>
internal sealed class ServerSet : IAsyncDisposable
{
    private static readonly string[] Programs = ["rabbitmq-server", "redis-server", "postgres"];
    private readonly string _password = RandomNumberGenerator.GetHexString(20, lowercase: true);
    private readonly int _broker = Mlops.FreePorts().Http;
    private readonly int _cache = Mlops.FreePorts().Http;
    private readonly int _database = Mlops.FreePorts().Http;
    private DistributedApplication? _app;

    public string Broker => $"amqp://guest:{_password}@localhost:{_broker}";

    public string Cache => $"localhost:{_cache},password={_password}";

    public string Database(string name) => $"Host=localhost;Port={_database};Username=postgres;Password={_password};Database={name}";

    public static void SkipWithoutServers() => Assert.SkipWhen(
        Programs.Any(program => Aspire.Hosting.Engine.Programs.Find(program) is null), "skipped: install the servers with deploy/local/install.sh");

    /// <param name="databases">Databases to make.</param>
    /// <param name="withBroker">Whether there is a broker.</param>
    /// <param name="withCache">Whether there is a cache.</param>
    public async Task StartAsync(string[] databases, bool withBroker = true, bool withCache = true)
    {
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var password = builder.AddParameter("password", _password, secret: true);
        var names = new List<string>();
        if (withBroker)
        {
            names.Add(builder.AddRabbitMQ("messaging", password: password, port: _broker).Resource.Name);
        }

        if (withCache)
        {
            names.Add(builder.AddRedis("cache", port: _cache, password: password).Resource.Name);
        }

        if (databases.Length > 0)
        {
            var postgres = builder.AddPostgres("postgres", password: password, port: _database);
            names.AddRange(databases.Select(name => postgres.AddDatabase(name + "-database", name).Resource.Name));
        }

        _app = builder.Build();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        foreach (var name in names)
        {
            await HealthyAsync(name);
        }
    }

    public Task HealthyAsync(string server) => Limits.Eventually.EndsAsync(
        _app!.ResourceNotifications.WaitForResourceHealthyAsync(server, TestContext.Current.CancellationToken), () => _app.ResourceNotifications.TryGet(server), what: $"{server} is healthy");

    /// <summary>Ends a server at once, as a crash would; the engine starts it again after half a second.</summary>
    public async Task KillAsync(string server)
    {
        var before = _app!.ResourceNotifications.TryGet(server)!;
        foreach (var id in before.ProcessIds)
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }

        await Limits.Eventually.EndsAsync(
            _app.ResourceNotifications.WaitForResourceAsync(
                server, now => now.State == KnownResourceStates.Running && now.Restarts > before.Restarts, TestContext.Current.CancellationToken),
            () => _app.ResourceNotifications.TryGet(server),
            what: $"{server} runs again");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }
}
