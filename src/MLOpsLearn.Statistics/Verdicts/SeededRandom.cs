namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>SplitMix64: the same seed gives the same numbers on every platform and version.</summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to bound - 1; the bias of the multiplication is below 1e-9 for the sizes used here.</summary>
    public int NextInt(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    public long NextLong(long bound) => (long)Math.BigMul(NextBits(), (ulong)bound, out _);

    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform choice of <paramref name="count"/> elements into the front of <paramref name="values"/>.</summary>
    public void Choose<T>(Span<T> values, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var j = i + NextInt(values.Length - i);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
