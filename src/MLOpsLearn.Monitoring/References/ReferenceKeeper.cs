using System.Collections.Concurrent;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.References;

/// <summary>Keeps references that were read in memory, and wakes the worker that fetches new ones.</summary>
internal sealed class ReferenceKeeper(EvaluationSignal evaluation) : IDisposable
{
    private const int MostKept = 16;
    private readonly ConcurrentDictionary<(string Endpoint, int Version), ReferenceRows> _kept = new();
    private readonly SemaphoreSlim _signal = new(0, 1);

    /// <summary>An endpoint may serve a version whose reference isn't here.</summary>
    public void LookSoon()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // A look is due already.
        }
    }

    /// <returns>True when a look is due before the time is up.</returns>
    public Task<bool> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _signal.WaitAsync(timeout, cancellationToken);

    public async Task<ReferenceRows> ReadAsync(StoredReference reference, Subject subject, MonitoringOptions options, CancellationToken cancellationToken)
    {
        var key = (reference.Endpoint, reference.Version);
        if (_kept.TryGetValue(key, out var rows))
        {
            return rows;
        }

        rows = await ReferenceFile.ReadAsync(options.ReferencePath(reference.Sha256), subject, cancellationToken);
        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        _kept[key] = rows;
        return rows;
    }

    public void Renewed(string endpoint, int version)
    {
        _kept.TryRemove((endpoint, version), out _);
        evaluation.Set();
    }

    public void Dispose() => _signal.Dispose();
}
