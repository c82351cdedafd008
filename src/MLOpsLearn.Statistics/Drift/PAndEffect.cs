using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Drift;

/// <summary>Corrects the p-values of a report as one family and applies the rule.</summary>
internal static class PAndEffect
{
    public static ColumnDrift[] Judge(ColumnDrift[] columns, DriftOptions options)
    {
        var pValues = new List<double>(2 * columns.Length);
        foreach (var column in columns)
        {
            Collect(column.Values);
            Collect(column.Missingness);
        }

        var adjusted = MultipleTests.Adjust(pValues.ToArray(), options.Correction);
        var next = 0;
        return Array.ConvertAll(columns, column => column with
        {
            Values = Decide(column.Values)!,
            Missingness = Decide(column.Missingness),
        });

        void Collect(TestVerdict? verdict)
        {
            if (verdict?.Test.PValue is { } p)
            {
                pValues.Add(p);
            }
        }

        TestVerdict? Decide(TestVerdict? verdict)
        {
            if (verdict?.Test.PValue is null)
            {
                return verdict;
            }

            var p = adjusted[next++];
            // Without an effect there is no verdict, whatever p says.
            return verdict with { AdjustedPValue = p, Drifted = verdict.Effect.Statistic is { } effect ? p <= options.Alpha && effect >= verdict.EffectFloor : null };
        }
    }
}
