using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>
/// The instances of a project or program behind their common addresses. An instance takes connections from the moment that its health checks are
/// good until its process ends; the resource is healthy when all instances are.
/// </summary>
internal sealed class InstanceGroup(IResource resource, EngineContext engine, IReadOnlyDictionary<string, TcpForwarder> forwarders)
{
    private static readonly TimeSpan QuickCheck = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SlowCheck = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private Member[] _members = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var replicas = resource.Annotations.OfType<ReplicaAnnotation>().LastOrDefault()?.Replicas ?? 1;
        _members = [.. Enumerable.Range(0, replicas).Select(_ => new Member(resource.Annotations.OfType<EndpointAnnotation>().ToDictionary(
            endpoint => endpoint.Name,
            endpoint => endpoint.TargetPort ?? (endpoint.IsProxied ? engine.Ports.Next() : engine.Model.PublicPort(resource, endpoint.Name)))))];
        var specs = _members.Select(member => engine.SpecOf(resource, Guid.NewGuid().ToString("N")[..8], member.PortOf)).ToList();
        try
        {
            await Task.WhenAll(_members.Select((member, index) => RunAsync(member, specs[index], cancellationToken)));
        }
        finally
        {
            foreach (var member in _members)
            {
                await member.Watching;
                member.Life?.Dispose();
            }
        }
    }

    private Task RunAsync(Member member, ProcessSpec spec, CancellationToken cancellationToken) =>
        new Instance(resource, () => spec, engine.States, engine.Guard, engine.Console.LogOf(resource.Name), engine.Time).RunAsync(
            () =>
            {
                member.Life?.Dispose();
                member.Life = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                member.Watching = WatchAsync(member, member.Life.Token);
            },
            () =>
            {
                member.Life!.Cancel();
                Set(member, isHealthy: false, isGone: true);
            },
            cancellationToken);

    private async Task WatchAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var isHealthy = await engine.Probe.IsInstanceHealthyAsync(resource, member.PortOf, cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                Set(member, isHealthy, isGone: false);
                await Task.Delay(isHealthy ? SlowCheck : QuickCheck, engine.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Its process ended, or the application stops.
        }
        catch (DistributedApplicationException exception)
        {
            engine.States.Update(resource.Name, now => now with { Reason = exception.Message });
        }
    }

    private void Set(Member member, bool isHealthy, bool isGone)
    {
        lock (_lock)
        {
            if (!isGone && member.Life is { IsCancellationRequested: true })
            {
                return;
            }

            member.IsHealthy = isHealthy;
            // One that is only unwell keeps its place: it is asked to say what is wrong.
            if (isHealthy && !member.IsOpen)
            {
                member.IsOpen = true;
                foreach (var (name, forwarder) in forwarders)
                {
                    forwarder.AddTarget(member.Ports[name]);
                }
            }
            else if (isGone && member.IsOpen)
            {
                member.IsOpen = false;
                foreach (var (name, forwarder) in forwarders)
                {
                    forwarder.RemoveTarget(member.Ports[name]);
                }
            }

            var all = _members.All(each => each.IsHealthy);
            if (engine.States.TryGet(resource.Name) is { } now && now.IsHealthy != all)
            {
                engine.States.Update(resource.Name, snapshot => snapshot with { IsHealthy = all && snapshot.State == KnownResourceStates.Running });
            }
        }
    }

    private sealed class Member(Dictionary<string, int> ports)
    {
        public Dictionary<string, int> Ports { get; } = ports;

        /// <summary>Ends with the process that runs now.</summary>
        public CancellationTokenSource? Life { get; set; }

        public Task Watching { get; set; } = Task.CompletedTask;

        public bool IsHealthy { get; set; }

        public bool IsOpen { get; set; }

        public int PortOf(EndpointAnnotation endpoint) => Ports[endpoint.Name];
    }
}
