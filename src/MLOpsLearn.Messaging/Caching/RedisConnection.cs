using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MLOpsLearn.Messaging.Caching;

/// <summary>
/// The way to the shared cache. Nothing waits for it: while it is away every use fails at once, and its user does without. It comes back by itself.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan MostForAnAnswer = TimeSpan.FromMilliseconds(500);
    private readonly Task<ConnectionMultiplexer> _connecting;
    private readonly ILogger<RedisConnection> _logger;
    private int _isAway;

    public RedisConnection(string connectionString, ILogger<RedisConnection> logger)
    {
        _logger = logger;
        var options = ConfigurationOptions.Parse(connectionString);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ConnectTimeout = 2000;
        options.AsyncTimeout = (int)MostForAnAnswer.TotalMilliseconds;
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        options.ClientName = "mlopslearn";
        // Connecting begins here and ends whenever it does: the library's first attempt blocks for its whole time-out.
        _connecting = Task.Run(() => ConnectionMultiplexer.ConnectAsync(options));
    }

    public bool IsConnected => _connecting is { IsCompletedSuccessfully: true, Result.IsConnected: true };

    /// <summary>Uses the cache, or gives <paramref name="otherwise"/> when it is away or does not answer in time.</summary>
    public async Task<T> TryAsync<T>(Func<IDatabase, Task<T>> use, T otherwise)
    {
        if (!IsConnected)
        {
            Failed("not connected");
            return otherwise;
        }

        try
        {
            var answer = await use((await _connecting).GetDatabase());
            if (Interlocked.Exchange(ref _isAway, 0) == 1)
            {
                Log.Back(_logger);
            }

            return answer;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            Failed(exception.Message);
            return otherwise;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connecting.IsCompletedSuccessfully)
        {
            await (await _connecting).DisposeAsync();
        }
    }

    private void Failed(string cause)
    {
        MessagingTelemetry.CacheFailed();
        if (Interlocked.Exchange(ref _isAway, 1) == 0)
        {
            Log.Away(_logger, cause);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1081, LogLevel.Warning, "The shared cache is away; everything goes on without it, some of it slower. {Cause}")]
        public static partial void Away(ILogger logger, string cause);

        [LoggerMessage(1082, LogLevel.Information, "The shared cache is back.")]
        public static partial void Back(ILogger logger);
    }
}
