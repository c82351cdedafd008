namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>Correction of p-values for the number of tests in a family.</summary>
public enum Correction
{
    /// <summary>Controls the share of false findings among the findings; the default.</summary>
    BenjaminiHochberg,

    /// <summary>As Benjamini-Hochberg, under any dependence.</summary>
    BenjaminiYekutieli,

    /// <summary>Controls the chance of any false finding; uniformly better than Bonferroni.</summary>
    Holm,

    /// <summary>p times the number of tests.</summary>
    Bonferroni,

    /// <summary>No correction: of ten columns some column fires on about 40 % of clean windows at .05.</summary>
    None,
}
