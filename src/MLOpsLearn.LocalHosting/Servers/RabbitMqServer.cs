using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Aspire.Hosting.Servers;

/// <summary>A private RabbitMQ broker on loopback, with a name daemon of its own.</summary>
internal static class RabbitMqServer
{
    /// <summary>
    /// The name daemon as a child of ours: the broker would start one that detaches and outlives it.
    /// </summary>
    public static ProcessSpec NameDaemon(RabbitMQServerResource resource, int port, string folder)
    {
        var epmd = ServerPrograms.Require("epmd", resource);
        return new ProcessSpec(epmd, ["-port", port.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"], folder, new Dictionary<string, string>());
    }

    public static ProcessSpec Prepare(RabbitMQServerResource resource, AllocatedModel model, string folder, int nameDaemonPort, int distributionPort)
    {
        var server = ServerPrograms.Require("rabbitmq-server", resource);
        var configuration = Path.Combine(folder, "rabbitmq.conf");
        PrivateFile.Write(configuration, $"""
            listeners.tcp.local = 127.0.0.1:{model.PublicPort(resource, "tcp")}
            default_user = {AllocatedModel.UserName(resource)}
            default_pass = {model.Password(resource)}
            loopback_users = none
            log.console = true
            log.console.level = warning
            log.file = false
            """);
        // Otherwise the machine's own file of the broker's variables would be read.
        var environment = Path.Combine(folder, "rabbitmq-env.conf");
        if (!File.Exists(environment))
        {
            File.WriteAllText(environment, "");
        }

        var plugins = Path.Combine(folder, "enabled_plugins");
        if (!File.Exists(plugins))
        {
            File.WriteAllText(plugins, "[].\n");
        }

        return new ProcessSpec(server, [], folder, new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_NODENAME"] = $"{resource.Name}@localhost",
            ["RABBITMQ_CONF_ENV_FILE"] = environment,
            ["RABBITMQ_CONFIG_FILE"] = configuration,
            ["RABBITMQ_DIST_PORT"] = distributionPort.ToString(CultureInfo.InvariantCulture),
            // Otherwise the port for other nodes would be open to the network.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "broker.pid"),
            ["ERL_EPMD_PORT"] = nameDaemonPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        });
    }

    public static async Task<bool> IsHealthyAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = new Uri(connectionString), RequestedConnectionTimeout = TimeSpan.FromSeconds(3) };
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            return connection.IsOpen;
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or OperationInterruptedException or IOException)
        {
            return false;
        }
    }
}
