using System.Diagnostics.Metrics;

namespace MLOpsLearn.Messaging.Measurements;

/// <summary>Boundaries of the product's histograms: what is measured here spans more than one set of boundaries can.</summary>
public static class Buckets
{
    /// <summary>Seconds of what answers a caller: 50 µs to 10 s.</summary>
    public static readonly InstrumentAdvice<double> Answer = new()
    {
        HistogramBucketBoundaries = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    /// <summary>Seconds of what runs by itself: 50 ms to 6 h.</summary>
    public static readonly InstrumentAdvice<double> Work = new()
    {
        HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1800, 3600, 7200, 21600],
    };

    /// <summary>Rows of one request or batch.</summary>
    public static readonly InstrumentAdvice<int> Rows = new() { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] };
}
