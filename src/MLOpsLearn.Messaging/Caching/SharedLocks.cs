using System.Collections.Concurrent;
using StackExchange.Redis;

namespace MLOpsLearn.Messaging.Caching;

/// <summary>
/// Keeps replicas from doing the same at the same time. It saves work and conflicts, never more: what must not happen twice is kept out by the
/// database, so without the cache, or past the waiting time, work simply begins.
/// </summary>
public sealed class SharedLocks
{
    private const string Prefix = "mlopslearn:lock:";
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _here = new(StringComparer.Ordinal);
    private readonly RedisConnection? _redis;
    private readonly TimeProvider _time;

    internal SharedLocks(RedisConnection? redis, TimeProvider time) => (_redis, _time) = (redis, time);

    /// <summary>Waits for its turn, at most 30 s; the lock is given back when the result is disposed of, and runs out by itself when its holder dies.</summary>
    /// <param name="name">What is locked, one of few.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IAsyncDisposable> TakeAsync(string name, CancellationToken cancellationToken)
    {
        var here = _here.GetOrAdd(name, _ => new SemaphoreSlim(1, 1));
        var isHere = await here.WaitAsync(Longest, cancellationToken);
        var token = Guid.NewGuid().ToString("N");
        try
        {
            var started = _time.GetTimestamp();
            while (_redis is not null && !await TryTakeAsync(name, token) && _time.GetElapsedTime(started) < Longest)
            {
                await Task.Delay(Pause, _time, cancellationToken);
            }
        }
        catch
        {
            here.Release(isHere ? 1 : 0);
            throw;
        }

        return new Held(this, name, token, isHere ? here : null);
    }

    /// <summary>True when it is ours, and when there is nobody to ask.</summary>
    private Task<bool> TryTakeAsync(string name, string token) =>
        _redis!.TryAsync(database => database.StringSetAsync(Prefix + name, token, new Expiration(Longest), ValueCondition.NotExists), true);

    private sealed class Held(SharedLocks locks, string name, string token, SemaphoreSlim? here) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (locks._redis is { } redis)
            {
                // Only when it is still ours: it may have run out and be another's by now.
                await redis.TryAsync(database => database.LockReleaseAsync(Prefix + name, token), false);
            }

            here?.Release();
        }
    }
}
