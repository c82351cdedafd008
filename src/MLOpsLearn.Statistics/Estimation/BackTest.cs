namespace MLOpsLearn.Statistics.Estimation;

/// <summary>How estimates fared once labels arrived; both are metrics of their own.</summary>
/// <param name="Chunks">Chunks with an estimate and a realised value.</param>
/// <param name="Coverage">Share of them whose realised value lay within the band; null without any.</param>
/// <param name="MeanError">Mean of estimate - realised; null without any.</param>
public sealed record BackTest(int Chunks, double? Coverage, double? MeanError)
{
    /// <summary>Compares chunk by chunk; chunks without an estimate, band or realised value are left out.</summary>
    public static BackTest Of(IEnumerable<(double? Estimate, (double Lower, double Upper)? Band, double? Realised)> chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        int count = 0, inside = 0;
        var error = 0.0;
        foreach (var (estimate, band, realised) in chunks)
        {
            if (estimate is { } guess && band is { } limits && realised is { } value)
            {
                count++;
                inside += value >= limits.Lower && value <= limits.Upper ? 1 : 0;
                error += guess - value;
            }
        }

        return new(count, count == 0 ? null : (double)inside / count, count == 0 ? null : error / count);
    }
}
