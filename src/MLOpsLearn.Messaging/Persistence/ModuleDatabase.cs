using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>Registers a module's database.</summary>
public static class ModuleDatabase
{
    /// <summary>
    /// Registers <typeparamref name="TContext"/> on the connection string <paramref name="name"/>: SQLite when it begins with "Data Source",
    /// PostgreSQL otherwise; migrates it before traffic and dispatches its outbox.
    /// </summary>
    /// <typeparam name="TContext">The context that the module works with.</typeparam>
    /// <typeparam name="TSqlite">Its thin class for SQLite, which owns that provider's migrations.</typeparam>
    /// <typeparam name="TPostgres">Its thin class for PostgreSQL.</typeparam>
    public static IHostApplicationBuilder AddModuleDatabase<TContext, TSqlite, TPostgres>(this IHostApplicationBuilder builder, string name)
        where TContext : DbContext
        where TSqlite : TContext
        where TPostgres : TContext
    {
        var connectionString = builder.Configuration.GetConnectionString(name)
            ?? throw new InvalidOperationException($"Connection string '{name}' is missing: set ConnectionStrings__{name} to a SQLite or PostgreSQL string.");
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new ModuleName<TContext>(name));
        builder.Services.AddSingleton<OutboxSignal<TContext>>();
        builder.Services.AddSingleton<OutboxInterceptor<TContext>>();
        if (IsSqlite(connectionString))
        {
            builder.Services.AddDbContextPool<TSqlite>((services, options) => options
                .UseSqlite(connectionString)
                .AddInterceptors(new SqlitePragmas(), services.GetRequiredService<OutboxInterceptor<TContext>>()));
            builder.Services.AddScoped<TContext>(services => services.GetRequiredService<TSqlite>());
        }
        else
        {
            builder.Services.AddDbContextPool<TPostgres>((services, options) => options
                .UseNpgsql(connectionString)
                .AddInterceptors(new BrokenConnections(), services.GetRequiredService<OutboxInterceptor<TContext>>()));
            builder.Services.AddScoped<TContext>(services => services.GetRequiredService<TPostgres>());
        }

        builder.Services.AddHostedService<DatabaseMigrator<TContext>>();
        builder.Services.AddHostedService<OutboxDispatcher<TContext>>();
        builder.AddSample<OutboxSample<TContext>>();
        builder.AddBaseline(() => MessagingTelemetry.KnowOutbox(name));
        return builder;
    }

    private static bool IsSqlite(string connectionString) =>
        connectionString.TrimStart().StartsWith("Data Source", StringComparison.OrdinalIgnoreCase);
}
