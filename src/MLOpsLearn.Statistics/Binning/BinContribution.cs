namespace MLOpsLearn.Statistics.Binning;

/// <summary>One bin's part of a population stability index.</summary>
/// <param name="Bin">Range or category.</param>
/// <param name="Reference">Share of the reference.</param>
/// <param name="Current">Share of the current side.</param>
/// <param name="Contribution">(p - q) ln(p / q) after the zero fill; the parts add up to the index.</param>
public sealed record BinContribution(string Bin, double Reference, double Current, double Contribution);
