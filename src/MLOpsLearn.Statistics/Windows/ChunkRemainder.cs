namespace MLOpsLearn.Statistics.Windows;

/// <summary>What happens to rows that do not fill a chunk.</summary>
public enum ChunkRemainder
{
    /// <summary>They make one more, smaller chunk; the default.</summary>
    Keep,

    /// <summary>They join the chunk before; alone they are a chunk.</summary>
    Append,

    /// <summary>They are left out.</summary>
    Drop,
}
