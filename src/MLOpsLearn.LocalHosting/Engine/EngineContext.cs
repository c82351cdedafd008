using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>What all resources of a running application share.</summary>
internal sealed class EngineContext : IDisposable
{
    private readonly ProcessEnvironment _environment;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public EngineContext(
        IReadOnlyList<IResource> resources, IConfiguration configuration, IHostEnvironment environment, string appHostDirectory, ResourceNotificationService states)
    {
        States = states;
        Data = new DataFolder(configuration, appHostDirectory);
        Model = new AllocatedModel(resources, configuration, Ports.Next, Data.PasswordOf);
        Probe = new HealthProbe(Model, _http);
        Console = new ApplicationConsole(Model, states, Data.Logs);
        _environment = new ProcessEnvironment(Model, configuration, environment);
    }

    public TimeProvider Time { get; } = TimeProvider.System;

    public PortAllocator Ports { get; } = new();

    public OrphanGuard Guard { get; } = new();

    public ResourceNotificationService States { get; }

    public DataFolder Data { get; }

    public AllocatedModel Model { get; }

    public HealthProbe Probe { get; }

    public ApplicationConsole Console { get; }

    public ProcessSpec SpecOf(IResource resource, string instanceId, Func<EndpointAnnotation, int> portOf)
    {
        var variables = _environment.For(resource, instanceId, portOf);
        var arguments = resource.Annotations.OfType<ArgumentsAnnotation>()
            .SelectMany(annotation => annotation.Arguments).Select(argument => argument.ToString() ?? "").ToList();
        if (resource is ExecutableResource executable)
        {
            return new ProcessSpec(executable.Command, arguments, executable.WorkingDirectory, variables);
        }

        var project = resource.Annotations.OfType<ProjectMetadataAnnotation>().Single();
        var assembly = ProjectOutput.Find(project, resource.Name);
        return new ProcessSpec(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [assembly, .. arguments],
            Path.GetDirectoryName(project.Metadata.ProjectPath)!,
            variables);
    }

    public void Dispose()
    {
        Guard.Dispose();
        Console.Dispose();
        _http.Dispose();
        Data.Dispose();
    }
}
