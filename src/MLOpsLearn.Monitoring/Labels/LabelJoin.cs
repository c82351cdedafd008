using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.Labels;

/// <summary>Joins labels to rows by prediction id and row number.</summary>
internal sealed class LabelJoin(MonitoringDbContext context)
{
    private const int IdsPerQuery = 500;

    /// <summary>The label of each row, NaN where none is known.</summary>
    /// <param name="endpoint">Whose rows.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="asOf">Only labels observed by then; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<double[]> JoinAsync(string endpoint, RowSet rows, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var known = new List<StoredLabels>();
        foreach (var ids in rows.PredictionIds.Distinct(StringComparer.Ordinal).Chunk(IdsPerQuery))
        {
            known.AddRange(await context.Labels.AsNoTracking()
                .Where(labels => labels.Endpoint == endpoint && ids.Contains(labels.PredictionId)).ToListAsync(cancellationToken));
        }

        return Join(rows, known, asOf);
    }

    /// <summary>
    /// The rule of precedence, as a pure function: of the labels that came in time, the highest version, of those the latest observed, of those
    /// the latest arrived.
    /// </summary>
    internal static double[] Join(RowSet rows, IEnumerable<StoredLabels> known, DateTimeOffset? asOf)
    {
        var rowOf = new Dictionary<(string Id, int Row), int>(rows.Count);
        var labels = new double[rows.Count];
        for (var row = 0; row < labels.Length; row++)
        {
            rowOf[(rows.PredictionIds[row], rows.RowNumbers[row])] = row;
            labels[row] = double.NaN;
        }

        var horizonMs = (long)WindowLedger.Horizon.TotalMilliseconds;
        foreach (var set in known.Where(set => asOf is null || set.ObservedAt <= asOf)
            .OrderBy(set => set.Version).ThenBy(set => set.ObservedAt).ThenBy(set => set.Sequence))
        {
            var observedMs = set.ObservedAt.ToUnixTimeMilliseconds();
            var values = set.ValueSpan;
            for (var i = 0; i < values.Length; i++)
            {
                // A label past the horizon takes nothing from an earlier one.
                if (rowOf.TryGetValue((set.PredictionId, set.RowAt(i)), out var row) && observedMs - rows.EventTimesMs[row] <= horizonMs)
                {
                    labels[row] = values[i];
                }
            }
        }

        return labels;
    }
}
