namespace MLOpsLearn.Statistics.Binning;

/// <summary>How the bins of a numeric column are chosen.</summary>
public enum BinRule
{
    /// <summary>Bins between the distinct deciles of the reference, open at both ends: no outlier can empty them. The default.</summary>
    ReferenceDeciles,

    /// <summary>Equal width over the pooled range by Sturges' rule; one bin a value when the reference has at most 20 distinct values.</summary>
    SturgesPooled,

    /// <summary>Equal width over the pooled range, Sturges' rule on the number of distinct pooled values.</summary>
    SturgesUnique,

    /// <summary>Doane's rule on the reference; current values outside its range fall in one extra bin.</summary>
    DoaneReference,
}
