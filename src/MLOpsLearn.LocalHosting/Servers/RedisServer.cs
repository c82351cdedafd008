using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using StackExchange.Redis;

namespace Aspire.Hosting.Servers;

/// <summary>A private Redis server on loopback.</summary>
internal static class RedisServer
{
    public static ProcessSpec Prepare(RedisResource resource, AllocatedModel model, string folder)
    {
        var redis = ServerPrograms.Require("redis-server", resource);
        var persistent = resource.Annotations.OfType<DataVolumeAnnotation>().Any();
        // In a file rather than an argument: arguments are shown to every user of the machine.
        var configuration = Path.Combine(folder, "redis.conf");
        PrivateFile.Write(configuration, $"""
            bind 127.0.0.1
            port {model.PublicPort(resource, "tcp")}
            requirepass {model.Password(resource)}
            dir {folder}
            save {(persistent ? "60 1" : "\"\"")}
            daemonize no
            """);
        return new ProcessSpec(redis, [configuration], folder, new Dictionary<string, string>());
    }

    public static async Task<bool> IsHealthyAsync(string connectionString)
    {
        try
        {
            var options = ConfigurationOptions.Parse(connectionString);
            options.ConnectTimeout = 2000;
            options.ConnectRetry = 0;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            await connection.GetDatabase().PingAsync();
            return true;
        }
        catch (RedisException)
        {
            return false;
        }
    }
}
