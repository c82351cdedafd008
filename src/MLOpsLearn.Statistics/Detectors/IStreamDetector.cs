namespace MLOpsLearn.Statistics.Detectors;

/// <summary>Looks at a stream one value at a time. Not thread-safe: one detector belongs to one stream.</summary>
public interface IStreamDetector
{
    /// <summary>Method identity with every parameter.</summary>
    string Method { get; }

    /// <summary>Takes the next value. NaN and infinities are passed over: they change nothing.</summary>
    DetectorSignal Update(double value);
}
