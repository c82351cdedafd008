using System.Collections.Concurrent;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Says that an alias may name another version, or that another process of this service changed an endpoint.</summary>
internal sealed class AliasSignal : IEventHint, IDisposable
{
    private readonly SemaphoreSlim _signal = new(0, 1);

    private readonly ConcurrentDictionary<string, (int Version, string? TraceParent)> _moves = new(StringComparer.Ordinal);

    /// <param name="model">Whose alias moved.</param>
    /// <param name="version">To which version.</param>
    /// <param name="traceParent">W3C trace parent of the move.</param>
    public void Set(string model, int version, string? traceParent)
    {
        _moves[model] = (version, traceParent);
        Set();
    }

    /// <summary>There may be news, of whatever kind.</summary>
    public void Set()
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

    /// <summary>The trace of the newest move, when it was to this version; null when nobody told of it.</summary>
    public string? TraceOf(string model, int version) => _moves.TryGetValue(model, out var move) && move.Version == version ? move.TraceParent : null;

    public Task WaitAsync(TimeSpan timeout, CancellationToken cancellationToken) => _signal.WaitAsync(timeout, cancellationToken);

    public void Dispose() => _signal.Dispose();
}
