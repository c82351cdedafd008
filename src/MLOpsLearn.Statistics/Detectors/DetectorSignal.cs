namespace MLOpsLearn.Statistics.Detectors;

/// <summary>What an online detector says after a value.</summary>
public enum DetectorSignal
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The stream moves towards drift.</summary>
    Warning,

    /// <summary>Drift; the detector starts afresh with the next value.</summary>
    Drift,
}
