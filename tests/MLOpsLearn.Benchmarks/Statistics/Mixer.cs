namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>The framework's seeded generator gives related streams for neighbouring seeds; this one (SplitMix64) does not.</summary>
internal sealed class Mixer : Random
{
    private ulong _state;

    public Mixer(int seed)
    {
        _state = (ulong)seed * 0xD1342543DE82EF95;
        _state = Next64();
    }

    public override double NextDouble() => (Next64() >> 11) * (1.0 / (1UL << 53));

    private ulong Next64()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
