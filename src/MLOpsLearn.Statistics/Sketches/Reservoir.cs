using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Sketches;

/// <summary>
/// A uniform sample of a stream of unknown length: after n values each is held with probability size / n (Vitter 1985, algorithm R).
/// Add <see cref="Identity"/> to the identity of what is computed from it. The same seed and stream give the same sample. Not thread-safe.
/// </summary>
public sealed class Reservoir<T>
{
    private readonly List<T> _items;
    private SeededRandom _random;

    /// <param name="size">Values held at most, at least 1.</param>
    /// <param name="seed">Seed.</param>
    public Reservoir(int size, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        (Size, Seed, _random) = (size, seed, new(seed));
        _items = [];
    }

    /// <summary>Values held at most.</summary>
    public int Size { get; }

    /// <summary>Seed.</summary>
    public ulong Seed { get; }

    /// <summary>Values taken.</summary>
    public long Count { get; private set; }

    /// <summary>The sample.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>For example <c>sample=10000,seed=1</c>.</summary>
    public string Identity => FormattableString.Invariant($"sample={Size},seed={Seed}");

    /// <summary>Takes a value.</summary>
    public void Add(T item)
    {
        Count++;
        if (_items.Count < Size)
        {
            _items.Add(item);
            return;
        }

        var place = _random.NextLong(Count);
        if (place < Size)
        {
            _items[(int)place] = item;
        }
    }
}
