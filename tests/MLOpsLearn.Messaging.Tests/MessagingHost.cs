using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Messaging.Tests;

/// <summary>A host with one module's database on a real SQLite file or PostgreSQL, the bus in memory or on a broker, and one consumer.</summary>
internal sealed class MessagingHost : IAsyncDisposable
{
    private readonly string _folder;
    private readonly IHost _host;

    private MessagingHost(IHost host, string folder) => (_host, _folder) = (host, folder);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public Received Received => _host.Services.GetRequiredService<Received>();

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public IServiceProvider Services => _host.Services;

    /// <param name="broker">amqp:// address of a real broker; in memory when absent.</param>
    /// <param name="configure">Adds to the host before the bus.</param>
    /// <param name="database">A real PostgreSQL; a SQLite file when absent.</param>
    public static async Task<MessagingHost> StartAsync(string? broker = null, Action<IHostApplicationBuilder>? configure = null, string? database = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-messaging").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection([
            new("ConnectionStrings:notes", database ?? $"Data Source={Path.Combine(folder, "notes.db")}"),
            new("ConnectionStrings:messaging", broker),
        ]);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddSingleton<Received>();
        // The tables of this small context have no migrations; they are made before the dispatcher starts.
        builder.Services.AddHostedService<TableMaker>();
        builder.AddModuleDatabase<NotesContext, SqliteNotesContext, PostgresNotesContext>("notes");
        builder.AddEventConsumer<VersionCounter>("tests.model-version-created");
        configure?.Invoke(builder);
        builder.AddEventBus(allowInMemory: true);
        var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        if (broker?.EndsWith(":1", StringComparison.Ordinal) != true)
        {
            // Where there is a broker, all its queues are there before a test begins.
            await host.Services.GetRequiredService<BusGate>().WaitAsync(TestContext.Current.CancellationToken);
        }

        return new MessagingHost(host, folder);
    }

    public async Task<T> InScopeAsync<T>(Func<NotesContext, Task<T>> work)
    {
        await using var scope = _host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<NotesContext>());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class TableMaker(IServiceScopeFactory scopes) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken)
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<NotesContext>().Database.EnsureCreatedAsync(cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

/// <summary>What the consumer got: deliveries, and effects that were committed.</summary>
internal sealed class Received
{
    private readonly ConcurrentQueue<int> _effects = new();
    private readonly SemaphoreSlim _deliveries = new(0);

    public IReadOnlyCollection<int> Effects => _effects;

    public void Delivered() => _deliveries.Release();

    public void Took(int version) => _effects.Enqueue(version);

    public async Task WaitForDeliveriesAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _deliveries.WaitAsync(Patience.Wait, TestContext.Current.CancellationToken), $"Message {i + 1} of {count} did not arrive; there were {_effects.Count} effects.");
        }
    }
}

internal sealed class VersionCounter(NotesContext notes, Received received, TimeProvider time) : IConsumer<ModelVersionCreated>
{
    public async Task Consume(ConsumeContext<ModelVersionCreated> context)
    {
        if (await notes.TryBeginAsync(nameof(VersionCounter), context, time, context.CancellationToken))
        {
            notes.Notes.Add(new Note { Text = $"version {context.Message.Version}" });
            await notes.SaveChangesAsync(context.CancellationToken);
            received.Took(context.Message.Version);
        }

        received.Delivered();
    }
}
