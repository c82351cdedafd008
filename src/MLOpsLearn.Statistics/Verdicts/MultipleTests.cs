namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>Adjusts the p-values of one family of tests. Undefined tests must be left out before: they do not count.</summary>
public static class MultipleTests
{
    /// <summary>Adjusted p-values in the order given, each at most 1; a test is rejected when its adjusted p &lt;= alpha.</summary>
    /// <param name="pValues">Defined p-values, 0 to 1.</param>
    /// <param name="correction">How to adjust.</param>
    /// <exception cref="ArgumentOutOfRangeException">A p-value is NaN or outside 0 to 1.</exception>
    public static double[] Adjust(ReadOnlySpan<double> pValues, Correction correction)
    {
        var count = pValues.Length;
        var sorted = pValues.ToArray();
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        foreach (var p in pValues)
        {
            if (!(p >= 0 && p <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(pValues), p, "A p-value lies between 0 and 1.");
            }
        }

        Array.Sort(sorted, order);
        var adjusted = new double[count];
        var running = 0.0;
        if (correction is Correction.BenjaminiHochberg or Correction.BenjaminiYekutieli)
        {
            var factor = 1.0;
            for (var i = 2; i <= count && correction == Correction.BenjaminiYekutieli; i++)
            {
                factor += 1.0 / i;
            }

            running = 1;
            for (var i = count - 1; i >= 0; i--)
            {
                running = Math.Min(running, sorted[i] * (count * factor / (i + 1)));
                adjusted[order[i]] = running;
            }

            return adjusted;
        }

        for (var i = 0; i < count; i++)
        {
            adjusted[order[i]] = correction switch
            {
                Correction.None => sorted[i],
                Correction.Bonferroni => Math.Min(1, count * sorted[i]),
                Correction.Holm => running = Math.Max(running, Math.Min(1, (count - i) * sorted[i])),
                _ => throw new ArgumentOutOfRangeException(nameof(correction), correction, null),
            };
        }

        return adjusted;
    }
}
