using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace MLOpsLearn.Messaging.Caching;

/// <summary>The second level of the hybrid cache: what one replica has asked for, the others find. A cache that is away is an empty one.</summary>
internal sealed class SharedCache(RedisConnection redis, TimeProvider time) : IDistributedCache
{
    private const string Prefix = "mlopslearn:cache:";
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);

    public byte[]? Get(string key) => throw new NotSupportedException("The cache is used asynchronously only.");

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        redis.TryAsync<byte[]?>(async database => await database.StringGetAsync(Prefix + key), null);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException("The cache is used asynchronously only.");

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        redis.TryAsync(database => database.StringSetAsync(Prefix + key, value, LifeOf(options)), false);

    /// <summary>Nothing lives longer for being read: what is kept here must not outlive its truth by much.</summary>
    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key) => throw new NotSupportedException("The cache is used asynchronously only.");

    public Task RemoveAsync(string key, CancellationToken token = default) => redis.TryAsync(database => database.KeyDeleteAsync(Prefix + key), false);

    private Expiration LifeOf(DistributedCacheEntryOptions options)
    {
        var life = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration is { } end ? end - time.GetUtcNow() : LongestLife);
        return new Expiration(life < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : life < LongestLife ? life : LongestLife);
    }
}
