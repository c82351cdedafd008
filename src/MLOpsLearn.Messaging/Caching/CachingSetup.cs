using Google.Protobuf;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Messaging.Caching;

/// <summary>Gives a host the cache and the locks that replicas share.</summary>
public static class CachingSetup
{
    /// <summary>Name of the connection string; without it, cache and locks are this process' own.</summary>
    public const string ConnectionName = "cache";

    /// <summary>Adds <see cref="HybridCache"/> and <see cref="SharedLocks"/>; a second call changes nothing.</summary>
    public static IHostApplicationBuilder AddSharedCache(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(SharedLocks)))
        {
            return builder;
        }

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHybridCache();
        var address = builder.Configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(address))
        {
            builder.Services.AddSingleton(services => new SharedLocks(null, services.GetRequiredService<TimeProvider>()));
            return builder;
        }

        builder.Services.AddSingleton(services => new RedisConnection(address, services.GetRequiredService<ILogger<RedisConnection>>()));
        builder.Services.AddSingleton<IDistributedCache, SharedCache>();
        builder.Services.AddSingleton(services => new SharedLocks(services.GetRequiredService<RedisConnection>(), services.GetRequiredService<TimeProvider>()));
        builder.AddBaseline(() => MessagingTelemetry.CacheFailed(0));
        return builder.AddSample<CacheSample>();
    }

    /// <summary>Lets messages of one type be cached.</summary>
    public static IHostApplicationBuilder AddCachedMessage<T>(this IHostApplicationBuilder builder) where T : IMessage<T>, new()
    {
        builder.AddSharedCache();
        builder.Services.TryAddSingleton<IHybridCacheSerializer<T>, ProtobufCacheSerializer<T>>();
        return builder;
    }

    private sealed class CacheSample(RedisConnection redis) : ISample
    {
        public Task TakeAsync(CancellationToken cancellationToken)
        {
            MessagingTelemetry.CacheConnected(redis.IsConnected);
            return Task.CompletedTask;
        }
    }
}
