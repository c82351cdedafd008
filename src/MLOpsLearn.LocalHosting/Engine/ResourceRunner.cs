using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.Engine;

/// <summary>Brings one resource up when what it waits for is ready, and watches it until the application stops.</summary>
internal sealed class ResourceRunner(IResource resource, EngineContext engine)
{
    private static readonly TimeSpan QuickCheck = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan SlowCheck = TimeSpan.FromSeconds(5);

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
                ProjectResource or ExecutableResource => new InstanceGroup(resource, engine, engine.ForwardersOf(resource)).RunAsync(cancellationToken),
                _ => Task.CompletedTask,
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
        catch (Exception exception) when (exception is DistributedApplicationException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception
            or Npgsql.NpgsqlException)
        {
            Publish(now => now with { State = KnownResourceStates.FailedToStart, IsHealthy = false, Reason = exception.Message });
        }
    }

    private async Task WaitForDependenciesAsync(CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>()
            .Concat(resource is PostgresDatabaseResource database ? [new WaitAnnotation(database.Parent, WaitKind.Healthy)] : []);
        await Task.WhenAll(waits.Select(wait => WaitForAsync(wait, cancellationToken)));
    }

    private async Task WaitForAsync(WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var snapshot = await engine.States.WaitForResourceAsync(
            wait.Dependency.Name,
            now => wait.Kind switch
            {
                WaitKind.Healthy => now.IsHealthy,
                WaitKind.Started => now.State == KnownResourceStates.Running,
                _ => KnownResourceStates.IsTerminal(now.State),
            },
            cancellationToken);
        if (wait.Kind == WaitKind.Completed && snapshot.ExitCode != wait.ExitCode)
        {
            throw new DistributedApplicationException($"'{wait.Dependency.Name}' ended with exit code {snapshot.ExitCode}, expected was {wait.ExitCode}.");
        }
    }

    private async Task RunDatabaseAsync(PostgresDatabaseResource database, CancellationToken cancellationToken)
    {
        // On a server of the user's as well, unless he named the database itself.
        if (!engine.Model.IsNamedByUser(database))
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
        if (server is RabbitMQServerResource && QuorumQueueElection.Prepare(spec) is { } election)
        {
            running.Add(CallElectionsAsync(election, QuorumQueueElection.MayBeNeeded(spec), log, cancellationToken));
        }

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

    /// <summary>After each start of a broker that may hold queues already.</summary>
    private async Task CallElectionsAsync(ProcessSpec election, bool hasData, Action<string> log, CancellationToken cancellationToken)
    {
        try
        {
            for (var isNeeded = hasData; ; isNeeded = true)
            {
                await engine.States.WaitForResourceAsync(resource.Name, now => now.IsHealthy, cancellationToken);
                if (isNeeded)
                {
                    await QuorumQueueElection.CallAsync(election, engine.Guard, log, engine.Time, cancellationToken);
                }

                await engine.States.WaitForResourceAsync(resource.Name, now => !now.IsHealthy, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is DistributedApplicationException || cancellationToken.IsCancellationRequested)
        {
            // The broker was given up, or the application stops.
        }
    }

    /// <summary>A helper process of a server: not a resource of its own, started again when it dies.</summary>
    private async Task RunQuietlyAsync(ProcessSpec spec, Action<string> log, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            using var process = ChildProcess.Start(spec, engine.Guard, log, withheld: ["ERL_"]);
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

                await PauseAsync(healthy, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    /// <summary>Long while all is well, but over when the process dies meanwhile.</summary>
    private async Task PauseAsync(bool healthy, CancellationToken cancellationToken)
    {
        if (!healthy)
        {
            await Task.Delay(QuickCheck, engine.Time, cancellationToken);
            return;
        }

        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var unwell = engine.States.WaitForResourceAsync(resource.Name, snapshot => !snapshot.IsHealthy, pause.Token);
        await Task.WhenAny(unwell, Task.Delay(SlowCheck, engine.Time, pause.Token));
        await pause.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void Publish(Func<ResourceSnapshot, ResourceSnapshot> change) => engine.States.Update(resource.Name, change);
}
