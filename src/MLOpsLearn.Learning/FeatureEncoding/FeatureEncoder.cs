using System.Collections.Frozen;

namespace MLOpsLearn.Learning.FeatureEncoding;

/// <summary>How one feature is made from the input columns: fitted once, never changed, safe from many threads.</summary>
internal abstract record FeatureEncoder
{
    private FeatureEncoder()
    {
    }

    /// <summary>A number, moved into [Low, High]; Missing stands in for NaN.</summary>
    public sealed record Number(int Input, float Low, float High, float Missing) : FeatureEncoder;

    /// <summary>A number for each category of the training data; Unseen for any other and for missing.</summary>
    public sealed record Category(int Input, FrozenDictionary<string, float> Values, float Unseen) : FeatureEncoder;

    /// <summary>Integers as they are; Unseen for what is no integer and for missing.</summary>
    public sealed record IntegerCategory(int Input, float Unseen) : FeatureEncoder;

    /// <summary>A number for each pair of categories of two inputs, by the keys of <see cref="PairKey"/>; Unseen for any other pair.</summary>
    public sealed record Pair(
        int First, int Second, FrozenDictionary<string, int> FirstIndex, FrozenDictionary<string, int> SecondIndex, FrozenDictionary<long, float> Values, float Unseen)
        : FeatureEncoder
    {
        public static long PairKey(int first, int second) => ((long)first << 32) | (uint)second;
    }
}
