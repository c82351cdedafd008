using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Cli.Drift;

/// <summary>Opens two files, compares them, whole or by segment.</summary>
internal static class DriftRunner
{
    private const int MostSegments = 100;

    /// <exception cref="CommandException">A file or a column can't be compared.</exception>
    public static (IReadOnlyList<DriftOutcome> Outcomes, IReadOnlyList<string> Findings, long ReferenceRows, long CurrentRows) Run(
        DriftSettings settings, CancellationToken cancellationToken)
    {
        using var reference = TableFile.Open(settings.Reference);
        using var current = TableFile.Open(settings.Current);
        var reader = new TableReader(reference, current, settings);
        var (plans, findings) = reader.Plan();
        if (plans.Count == 0)
        {
            throw new CommandException($"'{settings.Reference}' and '{settings.Current}' have no column in common that can be compared.");
        }

        var outcomes = new List<DriftOutcome>();
        if (settings.Segment is null)
        {
            outcomes.Add(Compare(reader, plans, null, null, settings, cancellationToken));
        }
        else
        {
            foreach (var side in (TableFile[])[reference, current])
            {
                if (!side.Columns.ContainsKey(settings.Segment))
                {
                    throw new CommandException($"'{side.Path}' has no column '{settings.Segment}' to segment by.");
                }
            }

            var segments = reader.Segments();
            if (segments.Count > MostSegments)
            {
                throw new CommandException($"The column '{settings.Segment}' has more than {MostSegments} values: too many segments.");
            }

            var column = $"CAST({TableFile.Quoted(settings.Segment)} AS VARCHAR)";
            outcomes.AddRange(segments.Select(value => Compare(
                reader, plans, value ?? "(null)", value is null ? $"WHERE {column} IS NULL" : $"WHERE {column} = {TableFile.Literal(value)}", settings, cancellationToken)));
        }

        return outcomes.Exists(outcome => outcome.IsJudged)
            ? (outcomes, findings, reference.Rows, current.Rows)
            : throw new CommandException($"No column could be judged: {Why(outcomes)}.");
    }

    private static DriftOutcome Compare(
        TableReader reader, IReadOnlyList<ColumnPlan> plans, string? segment, string? where, DriftSettings settings, CancellationToken cancellationToken)
    {
        var (left, right) = reader.Read(plans, where, cancellationToken);
        return new()
        {
            Segment = segment,
            Report = DriftReport.Compare(left, right, new() { Alpha = settings.Alpha }, cancellationToken),
            Evidently = settings.EvidentlyCompatible ? EvidentlyReport.Compare(left, right, cancellationToken) : null,
            Columns = [.. left.Zip(right)],
        };
    }

    private static string Why(IEnumerable<DriftOutcome> outcomes) => string.Join(", ", outcomes.SelectMany(outcome => outcome.Report.Columns)
        .Select(column => column.Undefined?.WireName()).OfType<string>().Distinct(StringComparer.Ordinal));
}
