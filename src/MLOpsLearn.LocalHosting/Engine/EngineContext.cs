using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Engine;

/// <summary>What all resources of a running application share.</summary>
internal sealed class EngineContext : IDisposable
{
    private readonly ProcessEnvironment _environment;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<string, Dictionary<string, TcpForwarder>> _forwarders = [];

    public EngineContext(
        IReadOnlyList<IResource> resources, IConfiguration configuration, IHostEnvironment environment, ResourceNotificationService states)
    {
        States = states;
        Data = new DataFolder(configuration);
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

    public IReadOnlyDictionary<string, TcpForwarder> ForwardersOf(IResource resource) => _forwarders[resource.Name];

    /// <summary>Takes every public port, before anything is started: whoever comes early is held, and a port in use is found at once.</summary>
    /// <exception cref="DistributedApplicationException">A port is in use.</exception>
    public void OpenPorts()
    {
        foreach (var resource in Model.Resources.Where(resource => resource is ProjectResource or ExecutableResource))
        {
            var forwarders = _forwarders[resource.Name] = [];
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.IsProxied))
            {
                var forwarder = new TcpForwarder(Model.PublicPort(resource, endpoint.Name));
                forwarders[endpoint.Name] = forwarder;
                forwarder.Start();
            }
        }
    }

    /// <exception cref="DistributedApplicationException">Programs that are not installed; one line for each.</exception>
    public void CheckPrograms()
    {
        var faults = Model.Resources.OfType<ContainerResource>().Where(server => !Model.IsNamedByUser(server)).SelectMany(ServerPrograms.Missing).ToList();
        if (faults.Count > 0)
        {
            throw new DistributedApplicationException(string.Join(Environment.NewLine, faults));
        }
    }

    public async Task ClosePortsAsync()
    {
        foreach (var forwarder in _forwarders.Values.SelectMany(each => each.Values))
        {
            await forwarder.DisposeAsync();
        }

        _forwarders.Clear();
    }

    public void Dispose()
    {
        Guard.Dispose();
        Console.Dispose();
        _http.Dispose();
        Data.Dispose();
    }
}
