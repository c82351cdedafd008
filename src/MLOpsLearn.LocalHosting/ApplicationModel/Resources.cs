namespace Aspire.Hosting.ApplicationModel;

/// <summary>A named resource.</summary>
public abstract class Resource(string name) : IResource
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public ResourceAnnotationCollection Annotations { get; } = [];
}

/// <summary>A .NET project that runs as a process.</summary>
public class ProjectResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery, IResourceWithWaitSupport;

/// <summary>Any other program.</summary>
public class ExecutableResource(string name, string command, string workingDirectory)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>What is started.</summary>
    public string Command { get; } = command;

    /// <summary>Where it is started.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}

/// <summary>What runs in a container elsewhere; here, the server of the same kind that is installed on the machine.</summary>
public class ContainerResource(string name)
    : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport;

/// <summary>A value from the configuration key <c>Parameters:{name}</c>.</summary>
public class ParameterResource(string name, Func<string> value, bool secret) : Resource(name)
{
    /// <summary>Whether it must not be shown.</summary>
    public bool Secret { get; } = secret;

    internal string Value => value();
}

/// <summary>A RabbitMQ broker.</summary>
public class RabbitMQServerResource(string name, ParameterResource? userName, ParameterResource? password)
    : ContainerResource(name), IResourceWithConnectionString
{
    internal ParameterResource? UserNameParameter { get; } = userName;

    internal ParameterResource? PasswordParameter { get; } = password;
}

/// <summary>A Redis server.</summary>
public class RedisResource(string name, ParameterResource? password) : ContainerResource(name), IResourceWithConnectionString
{
    internal ParameterResource? PasswordParameter { get; } = password;
}

/// <summary>A PostgreSQL server.</summary>
public class PostgresServerResource(string name, ParameterResource? userName, ParameterResource? password)
    : ContainerResource(name), IResourceWithConnectionString
{
    internal ParameterResource? UserNameParameter { get; } = userName;

    internal ParameterResource? PasswordParameter { get; } = password;
}

/// <summary>A database on a PostgreSQL server; made when it is missing.</summary>
public class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
    : Resource(name), IResourceWithConnectionString, IResourceWithParent<PostgresServerResource>
{
    /// <summary>Its name on the server.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <inheritdoc/>
    public PostgresServerResource Parent { get; } = parent;
}
