using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;

namespace Aspire.Hosting.Servers;

/// <summary>The installed programs that stand in for containers.</summary>
internal static class ServerPrograms
{
    /// <summary>Full path of a program that a server needs.</summary>
    /// <exception cref="DistributedApplicationException">One line: what to install, or how to do without.</exception>
    public static string Require(string program, ContainerResource server) =>
        Programs.Find(program) ?? throw new DistributedApplicationException(Sentence(program, server));

    /// <summary>One line when the server can't be started on this machine; none when it can.</summary>
    public static IEnumerable<string> Missing(ContainerResource server) =>
        Needs(server).Programs.Where(program => Programs.Find(program) is null).Take(1).Select(program => Sentence(program, server));

    private static string Sentence(string program, ContainerResource server)
    {
        var (_, package, example) = Needs(server);
        return $"'{server.Name}' needs {program}, which is not installed. Install it with ./deploy/local/install.sh (package {package}), or use a server of yours: ConnectionStrings__{server.Name}=\"{example}\".";
    }

    private static (string[] Programs, string Package, string Example) Needs(ContainerResource server) => server switch
    {
        RabbitMQServerResource => (["rabbitmq-server", "epmd"], "rabbitmq-server", "amqp://user:password@host:5672"),
        RedisResource => (["redis-server"], "redis-server", "host:6379,password=…"),
        PostgresServerResource => (["postgres", "initdb"], "postgresql", "Host=…;Username=…;Password=…"),
        _ => ([], "", ""),
    };
}
