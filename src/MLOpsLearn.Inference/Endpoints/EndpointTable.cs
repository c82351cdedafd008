using System.Collections.Concurrent;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>The endpoints that answer now, and what is wrong with those that don't as they should.</summary>
internal sealed class EndpointTable
{
    private readonly ConcurrentDictionary<string, EndpointSnapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private volatile bool _isRestored;

    /// <summary>Whether what was stored before the start is up again, or known to be at fault.</summary>
    public bool IsRestored
    {
        get => _isRestored;
        set => _isRestored = value;
    }

    public EndpointSnapshot? Find(string name) => _snapshots.GetValueOrDefault(name);

    public void Swap(EndpointSnapshot snapshot)
    {
        _snapshots[snapshot.Name] = snapshot;
        _faults.TryRemove(snapshot.Name, out _);
    }

    public void Remove(string name)
    {
        _snapshots.TryRemove(name, out _);
        _faults.TryRemove(name, out _);
    }

    public string FaultOf(string name) => _faults.GetValueOrDefault(name, "");

    public void SetFault(string name, string fault)
    {
        if (fault.Length == 0)
        {
            _faults.TryRemove(name, out _);
        }
        else
        {
            _faults[name] = fault;
        }
    }
}
