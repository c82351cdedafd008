using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Engine;

/// <summary>Brings one resource up when what it waits for is ready, and watches it until the application stops.</summary>
internal sealed class ResourceRunner(IResource resource, EngineContext engine)
{
    private static readonly TimeSpan QuickCheck = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan SlowCheck = TimeSpan.FromSeconds(5);
    private readonly List<(Func<EndpointAnnotation, int> Ports, bool Up)> _instances = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Publish(now => now with { State = KnownResourceStates.Waiting });
            await WaitForDependenciesAsync(cancellationToken);
            Publish(now => now with { State = KnownResourceStates.Starting, Reason = null });
            await (resource switch
            {
                PostgresDatabaseResource database => RunDatabaseAsync(database, cancellationToken),
                ContainerResource server => RunServerAsync(server, cancellationToken),
                ProjectResource or ExecutableResource => RunProcessesAsync(cancellationToken),
                _ => Task.CompletedTask,
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception) when (exception is DistributedApplicationException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            Publish(now => now with { State = KnownResourceStates.FailedToStart, IsHealthy = false, Reason = exception.Message });
        }
    }

    private async Task WaitForDependenciesAsync(CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>()
            .Concat(resource is PostgresDatabaseResource database ? [new WaitAnnotation(database.Parent, WaitKind.Healthy)] : []);
        await Task.WhenAll(waits.Select(wait => engine.States.WaitForResourceAsync(
            wait.Dependency.Name,
            snapshot => wait.Kind switch
            {
                WaitKind.Healthy => snapshot.IsHealthy,
                WaitKind.Started => snapshot.State == KnownResourceStates.Running,
                _ => KnownResourceStates.IsTerminal(snapshot.State) && snapshot.ExitCode == wait.ExitCode,
            },
            cancellationToken)));
    }

    private async Task RunDatabaseAsync(PostgresDatabaseResource database, CancellationToken cancellationToken)
    {
        if (!engine.Model.IsExternal(database))
        {
            await PostgresServer.CreateDatabaseAsync(database, engine.Model, cancellationToken);
        }

        Publish(now => now with { State = KnownResourceStates.Running, IsHealthy = true });
    }

    private async Task RunServerAsync(ContainerResource server, CancellationToken cancellationToken)
    {
        if (engine.Model.IsExternal(server))
        {
            Publish(now => now with { State = KnownResourceStates.Running, Reason = "a server of yours" });
            await WatchHealthAsync(() => engine.Probe.IsServerHealthyAsync(server, cancellationToken), cancellationToken);
            return;
        }

        var folder = engine.Data.For(server.Name);
        var log = engine.Console.LogOf(server.Name);
        var running = new List<Task>();
        var spec = server switch
        {
            PostgresServerResource postgres => await PostgresServer.PrepareAsync(postgres, engine.Model, folder, log, cancellationToken),
            RedisResource redis => RedisServer.Prepare(redis, engine.Model, folder),
            RabbitMQServerResource rabbit => PrepareRabbit(rabbit, folder, log, running, cancellationToken),
            _ => throw new DistributedApplicationException($"'{server.Name}' has no counterpart among the programs that this engine can start."),
        };
        running.Add(new Instance(server, () => spec, engine.States, engine.Guard, log, engine.Time).RunAsync(() => { }, () => { }, cancellationToken));
        running.Add(WatchHealthAsync(() => engine.Probe.IsServerHealthyAsync(server, cancellationToken), cancellationToken));
        await Task.WhenAll(running);
    }

    private ProcessSpec PrepareRabbit(
        RabbitMQServerResource rabbit, string folder, Action<string> log, List<Task> running, CancellationToken cancellationToken)
    {
        var nameDaemonPort = engine.Ports.Next();
        var nameDaemon = RabbitMqServer.NameDaemon(rabbit, nameDaemonPort, folder);
        running.Add(RunQuietlyAsync(nameDaemon, log, cancellationToken));
        return RabbitMqServer.Prepare(rabbit, engine.Model, folder, nameDaemonPort, engine.Ports.Next());
    }

    /// <summary>A helper process of a server: not a resource of its own, started again when it dies.</summary>
    private async Task RunQuietlyAsync(ProcessSpec spec, Action<string> log, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = ChildProcess.Start(spec, engine.Guard, log);
            try
            {
                await process.WaitAsync(cancellationToken);
                await Task.Delay(QuickCheck, engine.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await process.StopAsync(TimeSpan.FromSeconds(2));
            }

            engine.Guard.Forget(process.Id);
        }
    }

    private async Task RunProcessesAsync(CancellationToken cancellationToken)
    {
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        var endpoints = resource.Annotations.OfType<EndpointAnnotation>().ToList();
        var forwarders = endpoints.ToDictionary(endpoint => endpoint.Name, endpoint => new TcpForwarder(engine.Model.PublicPort(resource, endpoint.Name)));
        try
        {
            foreach (var forwarder in forwarders.Values)
            {
                forwarder.Start();
            }

            await Task.WhenAll([
                .. Enumerable.Range(0, replicas).Select(index => RunInstanceAsync(index, endpoints, forwarders, cancellationToken)),
                WatchHealthAsync(() => AreInstancesHealthyAsync(replicas, cancellationToken), cancellationToken)]);
        }
        finally
        {
            foreach (var forwarder in forwarders.Values)
            {
                await forwarder.DisposeAsync();
            }
        }
    }

    private Task RunInstanceAsync(
        int index, List<EndpointAnnotation> endpoints, Dictionary<string, TcpForwarder> forwarders, CancellationToken cancellationToken)
    {
        var ports = endpoints.ToDictionary(endpoint => endpoint.Name, endpoint => endpoint.TargetPort ?? engine.Ports.Next());
        int PortOf(EndpointAnnotation endpoint) => ports[endpoint.Name];
        lock (_instances)
        {
            _instances.Add((PortOf, false));
        }

        var instanceId = Guid.NewGuid().ToString("N")[..8];
        var spec = engine.SpecOf(resource, instanceId, PortOf);
        return new Instance(resource, () => spec, engine.States, engine.Guard, engine.Console.LogOf(resource.Name), engine.Time).RunAsync(
            () => Up(index, PortOf, isUp: true, forwarders, ports), () => Up(index, PortOf, isUp: false, forwarders, ports), cancellationToken);
    }

    private void Up(int index, Func<EndpointAnnotation, int> portOf, bool isUp, Dictionary<string, TcpForwarder> forwarders, Dictionary<string, int> ports)
    {
        lock (_instances)
        {
            _instances[index] = (portOf, isUp);
        }

        foreach (var (name, forwarder) in forwarders)
        {
            if (isUp)
            {
                forwarder.AddTarget(ports[name]);
            }
            else
            {
                forwarder.RemoveTarget(ports[name]);
            }
        }
    }

    private async Task<bool> AreInstancesHealthyAsync(int replicas, CancellationToken cancellationToken)
    {
        List<(Func<EndpointAnnotation, int> Ports, bool Up)> instances;
        lock (_instances)
        {
            instances = [.. _instances];
        }

        if (instances.Count < replicas || instances.Any(instance => !instance.Up))
        {
            return false;
        }

        var answers = await Task.WhenAll(instances.Select(instance => engine.Probe.IsInstanceHealthyAsync(resource, instance.Ports, cancellationToken)));
        return answers.All(healthy => healthy);
    }

    private async Task WatchHealthAsync(Func<Task<bool>> isHealthy, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var healthy = await isHealthy();
                if (engine.States.TryGet(resource.Name) is { } now && now.IsHealthy != healthy)
                {
                    Publish(snapshot => snapshot with { IsHealthy = healthy && snapshot.State == KnownResourceStates.Running });
                }

                await Task.Delay(healthy ? SlowCheck : QuickCheck, engine.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    private void Publish(Func<ResourceSnapshot, ResourceSnapshot> change) => engine.States.Update(resource.Name, change);
}
