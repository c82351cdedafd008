using System.Collections.Concurrent;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names of the states that a resource goes through.</summary>
public static class KnownResourceStates
{
    /// <summary>Added, not to be started by itself.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>A dependency isn't ready.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>About to run.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>Runs.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>Asked to end.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>A server ended.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>A process ended.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>Gave up.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    internal static bool IsTerminal(string state) => state == Exited || state == Finished || state == FailedToStart;
}

/// <summary>What is known of a resource now.</summary>
/// <param name="State">One of <see cref="KnownResourceStates"/>.</param>
/// <param name="IsHealthy">Whether it runs and all its checks are good.</param>
/// <param name="ExitCode">Of the process that ended last.</param>
/// <param name="Restarts">How often a process that died was started again.</param>
/// <param name="ProcessIds">Of the instances that run.</param>
/// <param name="Reason">Why it failed or waits, for people.</param>
public sealed record ResourceSnapshot(
    string State, bool IsHealthy, int? ExitCode, int Restarts, IReadOnlyList<int> ProcessIds, string? Reason)
{
    internal static readonly ResourceSnapshot Initial = new(KnownResourceStates.NotStarted, false, null, 0, [], null);
}

/// <summary>Tells the states of resources to whoever asks or waits.</summary>
public sealed class ResourceNotificationService
{
    private readonly ConcurrentDictionary<string, ResourceSnapshot> _snapshots = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal event Action<string, ResourceSnapshot>? Published;

    /// <summary>The newest state; null for a name that nobody published.</summary>
    public ResourceSnapshot? TryGet(string resourceName) => _snapshots.GetValueOrDefault(resourceName);

    /// <summary>Waits until the resource is healthy.</summary>
    /// <exception cref="DistributedApplicationException">The resource gave up.</exception>
    public Task<ResourceSnapshot> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, snapshot => snapshot.IsHealthy, cancellationToken);

    /// <summary>Waits until the predicate holds.</summary>
    /// <exception cref="DistributedApplicationException">The resource gave up.</exception>
    public async Task<ResourceSnapshot> WaitForResourceAsync(
        string resourceName, Func<ResourceSnapshot, bool> predicate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
            }

            var snapshot = TryGet(resourceName) ?? ResourceSnapshot.Initial;
            if (predicate(snapshot))
            {
                return snapshot;
            }

            if (snapshot.State == KnownResourceStates.FailedToStart)
            {
                throw new DistributedApplicationException($"'{resourceName}' failed to start: {snapshot.Reason}");
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    internal void Update(string resourceName, Func<ResourceSnapshot, ResourceSnapshot> change)
    {
        ResourceSnapshot after;
        TaskCompletionSource before;
        lock (_lock)
        {
            after = change(TryGet(resourceName) ?? ResourceSnapshot.Initial);
            _snapshots[resourceName] = after;
            before = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.SetResult();
        Published?.Invoke(resourceName, after);
    }
}
