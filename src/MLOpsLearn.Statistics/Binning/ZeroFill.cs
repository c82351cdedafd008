namespace MLOpsLearn.Statistics.Binning;

/// <summary>What stands for the share of an empty bin, so that its logarithm exists.</summary>
public enum ZeroFill
{
    /// <summary>1e-4 always; the default.</summary>
    Fixed,

    /// <summary>
    /// 1e-4, or a millionth of the smallest share of that side when this share is at most 1e-4. One unseen rare value then
    /// moves the fill by orders of magnitude: for comparison with other tools only.
    /// </summary>
    Adaptive,
}
