using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>An endpoint: a public port that stays the same over restarts, and a port of its own for each instance behind it.</summary>
public sealed class EndpointAnnotation(
    ProtocolType protocol, string? uriScheme = null, string? name = null, int? port = null, int? targetPort = null, bool? isExternal = null, bool isProxied = true)
    : IResourceAnnotation
{
    /// <summary>Name within the resource.</summary>
    public string Name { get; set; } = name ?? uriScheme ?? "tcp";

    /// <summary>Transport protocol; only TCP is served here.</summary>
    public ProtocolType Protocol { get; set; } = protocol;

    /// <summary>"http" or "tcp".</summary>
    public string UriScheme { get; set; } = uriScheme ?? "tcp";

    /// <summary>Public port; one of the system's choice, when null.</summary>
    public int? Port { get; set; } = port;

    /// <summary>Port of the process; one of the system's choice, when null.</summary>
    public int? TargetPort { get; set; } = targetPort;

    /// <summary>Whether people reach it from outside.</summary>
    public bool IsExternal { get; set; } = isExternal ?? false;

    /// <summary>Whether a forwarder listens on the public port.</summary>
    public bool IsProxied { get; set; } = isProxied;

    /// <summary>"http", "http2" or "tcp".</summary>
    public string Transport { get; set; } = uriScheme is "http" or "https" ? "http" : "tcp";

    /// <summary>Host that the process binds to.</summary>
    public string TargetHost { get; set; } = "localhost";

    internal string? TargetPortVariable { get; init; }
}

/// <summary>One endpoint of one resource, to be resolved when it is known.</summary>
public sealed class EndpointReference(IResourceWithEndpoints owner, string endpointName)
{
    /// <summary>Whose endpoint.</summary>
    public IResourceWithEndpoints Resource { get; } = owner;

    /// <summary>Which one.</summary>
    public string EndpointName { get; } = endpointName;
}

/// <summary>What a callback may add to a process' environment; values may be endpoint references, parameters or text.</summary>
public sealed class EnvironmentCallbackContext(Dictionary<string, object> environmentVariables)
{
    /// <summary>The variables so far.</summary>
    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables;
}

internal sealed record EnvironmentAnnotation(Action<EnvironmentCallbackContext> Callback) : IResourceAnnotation;

internal sealed record ArgumentsAnnotation(IReadOnlyList<object> Arguments) : IResourceAnnotation;

internal sealed record ProjectMetadataAnnotation(IProjectMetadata Metadata, ProjectResourceOptions Options) : IResourceAnnotation;

internal sealed record ReplicaAnnotation(int Replicas) : IResourceAnnotation;

internal sealed record DataVolumeAnnotation(string? Name) : IResourceAnnotation;

internal sealed record ExplicitStartAnnotation : IResourceAnnotation;

internal enum WaitKind
{
    Healthy,
    Started,
    Completed,
}

internal sealed record WaitAnnotation(IResource Dependency, WaitKind Kind, int ExitCode = 0) : IResourceAnnotation;

internal sealed record HttpHealthCheckAnnotation(string Path, int StatusCode, string? EndpointName) : IResourceAnnotation;

/// <summary>A reference to a resource with a connection string, or to the endpoints of a resource.</summary>
internal sealed record ReferenceAnnotation(IResource Source, string? ConnectionName, EndpointReference? Endpoint, bool Optional) : IResourceAnnotation;
