using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Collects the resources of an application.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The AppHost's configuration: environment, arguments, appsettings.json.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Folder of the AppHost's project file.</summary>
    string AppHostDirectory { get; }

    /// <summary>The AppHost's assembly.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>The AppHost's environment.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The AppHost's own services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Whether the application is run or published; here, always run.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>What was added so far.</summary>
    IReadOnlyCollection<IResource> Resources { get; }

    /// <summary>Adds a resource.</summary>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>A builder for a resource that was added before.</summary>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource;

    /// <summary>Closes the collection.</summary>
    DistributedApplication Build();
}

/// <summary>Says more about one resource.</summary>
public interface IResourceBuilder<out T> where T : IResource
{
    /// <summary>Where the resource was added.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    /// <summary>The resource.</summary>
    T Resource { get; }

    /// <summary>Adds an annotation, or replaces those of its type.</summary>
    IResourceBuilder<T> WithAnnotation<TAnnotation>(
        TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation;
}

/// <summary>What an annotation does to those of its type.</summary>
public enum ResourceAnnotationMutationBehavior
{
    /// <summary>Comes after them.</summary>
    Append,

    /// <summary>Takes their place.</summary>
    Replace,
}

/// <summary>Whether the application is run or published.</summary>
public sealed class DistributedApplicationExecutionContext
{
    /// <summary>True: this engine runs.</summary>
    public bool IsRunMode => true;

    /// <summary>False: publishing needs the genuine packages.</summary>
    public bool IsPublishMode => false;
}

/// <summary>Where a project is.</summary>
public interface IProjectMetadata
{
    /// <summary>Absolute path of the project file.</summary>
    string ProjectPath { get; }

    /// <summary>Whether it is known to be built.</summary>
    bool SuppressBuild => false;
}

/// <summary>How a project is started.</summary>
public sealed class ProjectResourceOptions
{
    /// <summary>Launch profile to read; none is read here.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Whether launch profiles are left out.</summary>
    public bool ExcludeLaunchProfile { get; set; }

    /// <summary>Whether endpoints of the service's own Kestrel settings are left out.</summary>
    public bool ExcludeKestrelEndpoints { get; set; }
}
