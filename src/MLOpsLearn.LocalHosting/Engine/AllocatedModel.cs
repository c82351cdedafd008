using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>The application with every address and password decided.</summary>
internal sealed class AllocatedModel
{
    private readonly Dictionary<(string Resource, string Endpoint), int> _publicPorts = [];
    private readonly Dictionary<string, string> _passwords;
    private readonly IConfiguration _configuration;

    public AllocatedModel(IReadOnlyList<IResource> resources, IConfiguration configuration, Func<int> nextPort, Func<string, string> passwordOf)
    {
        Resources = resources;
        _configuration = configuration;
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                _publicPorts[(resource.Name, endpoint.Name)] = endpoint.Port ?? nextPort();
            }
        }

        _passwords = resources.OfType<ContainerResource>().ToDictionary(
            resource => resource.Name,
            resource => (resource switch
            {
                RabbitMQServerResource server => server.PasswordParameter?.Value,
                RedisResource server => server.PasswordParameter?.Value,
                PostgresServerResource server => server.PasswordParameter?.Value,
                _ => null,
            }) ?? passwordOf(resource.Name));
    }

    public IReadOnlyList<IResource> Resources { get; }

    public int PublicPort(IResource resource, string endpoint) =>
        _publicPorts.TryGetValue((resource.Name, endpoint), out var port)
            ? port
            : throw new DistributedApplicationException($"The endpoint '{endpoint}' does not exist on the resource '{resource.Name}'.");

    public string Password(ContainerResource server) => _passwords[server.Name];

    public static string UserName(ContainerResource server) => server switch
    {
        RabbitMQServerResource rabbit => rabbit.UserNameParameter?.Value ?? "guest",
        PostgresServerResource postgres => postgres.UserNameParameter?.Value ?? "postgres",
        _ => "",
    };

    /// <summary>Whether the user gave a connection string of his own for this very resource.</summary>
    public bool IsNamedByUser(IResource resource) => resource is IResourceWithConnectionString && _configuration.GetConnectionString(resource.Name) is { Length: > 0 };

    /// <summary>Whether the resource lies on a server of the user's.</summary>
    public bool IsExternal(IResource resource) => IsNamedByUser(resource) || (resource is PostgresDatabaseResource database && IsNamedByUser(database.Parent));

    public string Url(EndpointReference reference) => Url(reference.Resource, reference.EndpointName);

    public string Url(IResource resource, string endpointName)
    {
        var endpoint = resource.Annotations.OfType<EndpointAnnotation>().First(endpoint => endpoint.Name == endpointName);
        return $"{endpoint.UriScheme}://localhost:{PublicPort(resource, endpointName)}";
    }

    /// <summary>The connection string in the form of the genuine engine, or the user's own.</summary>
    public string ConnectionString(IResourceWithConnectionString resource) => IsNamedByUser(resource) ? _configuration.GetConnectionString(resource.Name)! : resource switch
    {
        RabbitMQServerResource server =>
            $"amqp://{Uri.EscapeDataString(UserName(server))}:{Uri.EscapeDataString(Password(server))}@localhost:{PublicPort(server, "tcp")}",
        RedisResource server => $"localhost:{PublicPort(server, "tcp")},password={Password(server)}",
        PostgresServerResource server =>
            $"Host=localhost;Port={PublicPort(server, "tcp")};Username={UserName(server)};Password={Password(server)}",
        PostgresDatabaseResource database => $"{ConnectionString(database.Parent)};Database={database.DatabaseName}",
        _ => throw new DistributedApplicationException($"The resource '{resource.Name}' has no connection string."),
    };

    /// <summary>The single properties of a connection, as HOST, PORT and so on.</summary>
    public IEnumerable<(string Name, string Value)> ConnectionProperties(IResource resource)
    {
        switch (resource)
        {
            case PostgresDatabaseResource database:
                foreach (var (name, value) in Properties(database.Parent, "/" + database.DatabaseName))
                {
                    yield return (name, value);
                }

                yield return ("DATABASENAME", database.DatabaseName);
                break;
            case ContainerResource server:
                foreach (var property in Properties(server, ""))
                {
                    yield return property;
                }

                break;
        }
    }

    private IEnumerable<(string Name, string Value)> Properties(ContainerResource server, string path)
    {
        var port = PublicPort(server, "tcp");
        var password = Password(server);
        var user = UserName(server);
        yield return ("HOST", "localhost");
        yield return ("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        yield return ("PASSWORD", password);
        if (user.Length > 0)
        {
            yield return ("USERNAME", user);
        }

        var credentials = $"{Uri.EscapeDataString(user)}:{Uri.EscapeDataString(password)}";
        yield return ("URI", server switch
        {
            RabbitMQServerResource => $"amqp://{credentials}@localhost:{port}",
            RedisResource => $"redis://{credentials}@localhost:{port}",
            _ => $"postgresql://{credentials}@localhost:{port}{path}",
        });
        if (server is PostgresServerResource)
        {
            yield return ("JDBCCONNECTIONSTRING", $"jdbc:postgresql://localhost:{port}{(path.Length == 0 ? "/" : path)}");
        }
    }
}
