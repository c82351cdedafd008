using System.Collections.Concurrent;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>The endpoints that answer now, and what is wrong with those that don't as they should. Reading never waits.</summary>
internal sealed class EndpointTable : IDisposable
{
    private readonly ConcurrentDictionary<string, EndpointSnapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _change = new(1, 1);
    private volatile bool _isRestored;

    /// <summary>Whether what was stored before the start is up again, or known to be at fault.</summary>
    public bool IsRestored
    {
        get => _isRestored;
        set => _isRestored = value;
    }

    public ICollection<string> Names => _snapshots.Keys;

    public EndpointSnapshot? Find(string name) => _snapshots.GetValueOrDefault(name);

    /// <summary>
    /// Stores and swaps as one step among all changes of endpoints: whoever swaps by what it read must have read the newest. Models are loaded
    /// before, so a step takes no longer than its transaction.
    /// </summary>
    public async Task<T> ChangeAsync<T>(Func<Task<T>> step, CancellationToken cancellationToken)
    {
        await _change.WaitAsync(cancellationToken);
        try
        {
            return await step();
        }
        finally
        {
            _change.Release();
        }
    }

    public void Swap(EndpointSnapshot snapshot) => _snapshots[snapshot.Name] = snapshot;

    public void Remove(string name)
    {
        _snapshots.TryRemove(name, out _);
        _faults.TryRemove(name, out _);
    }

    public string FaultOf(string name) => _faults.GetValueOrDefault(name, "");

    /// <summary>Says what is wrong, or with an empty text that all is well. True when it is news.</summary>
    public bool SetFault(string name, string fault)
    {
        if (fault.Length == 0)
        {
            return _faults.TryRemove(name, out _);
        }

        var isNews = FaultOf(name) != fault;
        _faults[name] = fault;
        return isNews;
    }

    public void Dispose() => _change.Dispose();
}
