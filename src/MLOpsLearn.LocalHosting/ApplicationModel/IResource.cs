namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something that the application consists of.</summary>
public interface IResource
{
    /// <summary>Unique, ignoring case.</summary>
    string Name { get; }

    /// <summary>What was said of it.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>A resource that takes environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that takes arguments.</summary>
public interface IResourceWithArgs : IResource;

/// <summary>A resource that listens.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that can wait for others.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that others find by its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>A resource that others reach by a connection string.</summary>
public interface IResourceWithConnectionString : IResource
{
    /// <summary>The variable that carries the connection string, when it isn't the usual one.</summary>
    string? ConnectionStringEnvironmentVariable => null;
}

/// <summary>A resource that belongs to another.</summary>
public interface IResourceWithParent<out T> : IResource where T : IResource
{
    /// <summary>The one it belongs to.</summary>
    T Parent { get; }
}

/// <summary>Something said of a resource.</summary>
public interface IResourceAnnotation;

/// <summary>What was said of a resource, in order.</summary>
public sealed class ResourceAnnotationCollection : System.Collections.ObjectModel.Collection<IResourceAnnotation>;
