using System.Globalization;
using MLOpsLearn.Cli.Drift.Input;
using MLOpsLearn.Cli.Drift.Reading;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Cli.Drift;

/// <summary>Opens two files and compares them, whole or by segment, some columns at a time: memory does not grow with their number.</summary>
internal sealed class DriftRunner(DriftSettings settings, Action<string> progress, CancellationToken cancellationToken)
{
    private const int MostColumns = 10_000;
    private const long ValuesAtOnce = 16_000_000;
    private const int FewRows = 30;
    private const double BrokenShare = 0.01;
    private readonly DriftOptions _options = new() { Alpha = settings.Alpha };
    private readonly List<DriftFinding> _findings = [];

    /// <exception cref="CommandException">A file or a column can't be compared.</exception>
    public DriftResult Run()
    {
        var scratch = Directory.CreateTempSubdirectory("mlops-drift-");
        TableFile? reference = null, current = null;
        try
        {
            progress("Opening the files …");
            SideBySide(
                () => reference = TableFile.Open(settings.Reference, scratch.CreateSubdirectory("reference").FullName, cancellationToken),
                () => current = TableFile.Open(settings.Current, scratch.CreateSubdirectory("current").FullName, cancellationToken));
            return Compare(reference!, current!);
        }
        finally
        {
            reference?.Dispose();
            current?.Dispose();
            scratch.Delete(recursive: true);
        }
    }

    private DriftResult Compare(TableFile reference, TableFile current)
    {
        Note(reference);
        Note(current);
        var (plans, findings) = new Planner(reference, current, settings).Plan();
        _findings.AddRange(findings);
        if (plans.Count > MostColumns)
        {
            throw new CommandException($"The files have {plans.Count} columns to compare, at most {MostColumns} at a time: name some with --columns.");
        }

        var segments = settings.Segment is null ? Segments.Whole(reference, current) : Segments.By(settings.Segment, reference, current);
        _findings.AddRange(segments.Findings);
        var compared = Columns(reference, current, plans, segments);
        var report = DriftReport.Judge([.. compared.SelectMany(columns => columns).Select(column => column.Drift)], _options);
        var outcomes = new List<DriftOutcome>();
        var next = 0;
        for (var i = 0; i < compared.Length; i++)
        {
            List<ComparedColumn> judged = [.. compared[i].Select(column => column with { Drift = report.Columns[next++] })];
            outcomes.Add(new()
            {
                Segment = segments.Values[i],
                Columns = judged,
                Evidently = settings.EvidentlyCompatible ? EvidentlyReport.Of([.. judged.Select(column => column.Evidently!)]) : null,
            });
        }

        var result = new DriftResult
        {
            Settings = settings,
            Reference = new(reference.Rows, reference.Columns.Count),
            Current = new(current.Rows, current.Columns.Count),
            Outcomes = outcomes,
            Findings = _findings,
            Rule = settings.EvidentlyCompatible ? EvidentlyReport.Profile : report.Rule,
            Tests = report.Columns.Sum(column => (column.Values.AdjustedPValue is null ? 0 : 1) + (column.Missingness?.AdjustedPValue is null ? 0 : 1)),
        };

        // Neither drift nor its absence can be claimed: that is no result for a pipeline to go on with.
        return result.Drifted || outcomes.Exists(outcome => outcome.DriftedShare is not null)
            ? result
            : throw new CommandException($"No column could be judged: {Why(result)}.");
    }

    private List<ComparedColumn>[] Columns(TableFile reference, TableFile current, IReadOnlyList<ColumnPlan> plans, Segments segments)
    {
        var compared = Array.ConvertAll(new int[segments.Count], _ => new List<ComparedColumn>());
        var size = (int)Math.Clamp(ValuesAtOnce / Math.Max(1, (long)reference.Rows + current.Rows), 1, 500);
        var done = 0;
        foreach (var chunk in plans.Chunk(size))
        {
            progress(string.Create(CultureInfo.InvariantCulture, $"Comparing column {done + 1} of {plans.Count} …"));
            RawColumn[][] before = [], after = [];
            SideBySide(
                () => before = new TableReader(reference, segments, isReference: true).Read(chunk),
                () => after = new TableReader(current, segments, isReference: false).Read(chunk));
            for (var segment = 0; segment < segments.Count; segment++)
            {
                compared[segment].AddRange(Chunk(chunk, before, after, segment));
            }

            for (var i = 0; i < chunk.Length; i++)
            {
                NoteSpan(chunk[i], before[i], after[i]);
                CheckTypes(chunk[i], before[i].Sum(column => column.Violations), after[i].Sum(column => column.Violations), reference.Rows, current.Rows);
            }

            done += chunk.Length;
        }

        return compared;
    }

    private IEnumerable<ComparedColumn> Chunk(ColumnPlan[] plans, RawColumn[][] before, RawColumn[][] after, int segment)
    {
        var columns = new ComparedColumn[plans.Length][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, plans.Length, options, i => columns[i] =
        [
            .. before[i][segment].Derive(plans[i], after[i][segment]).Zip(after[i][segment].Derive(plans[i], before[i][segment]), (left, right) =>
                ComparedColumn.Of(left, right, _options, settings.EvidentlyCompatible, cancellationToken)),
        ]);
        return columns.SelectMany(column => column);
    }

    private void CheckTypes(ColumnPlan plan, long before, long after, double referenceRows, double currentRows)
    {
        if (before + after > 0)
        {
            var (was, now) = (before / referenceRows, after / currentRows);
            var kind = plan.Kind == DriftKind.Numeric ? "numbers" : "instants";
            _findings.Add(new(
                DriftFinding.TypeViolations,
                plan.Name,
                string.Create(CultureInfo.InvariantCulture, $"column '{plan.Name}' holds values that are no {kind}: {was:P2} of the reference, {now:P2} of the current rows"),
                Breaks: now > was + BrokenShare));
        }
    }

    private void NoteSpan(ColumnPlan plan, RawColumn[] before, RawColumn[] after)
    {
        if (plan.Kind == DriftKind.DateTime && plan.Reference.Class != ColumnClass.Time && Span(before) is { } was && Span(after) is { } now)
        {
            _findings.Add(new(DriftFinding.TimeRange, plan.Name, $"column '{plan.Name}' spans {was} in the reference, {now} in the current rows (UTC)"));
        }

        static string? Span(RawColumn[] columns)
        {
            var spans = columns.OfType<NumberColumn>().Select(column => column.Span()).OfType<(DateTime First, DateTime Last)>().ToList();
            return spans.Count == 0 ? null : string.Create(
                CultureInfo.InvariantCulture, $"{spans.Min(span => span.First):yyyy-MM-dd HH:mm:ss} – {spans.Max(span => span.Last):yyyy-MM-dd HH:mm:ss}");
        }
    }

    private void Note(TableFile file)
    {
        if (file.Note is { } note)
        {
            _findings.Add(new(DriftFinding.Encoding, null, note));
        }

        if (file.Rows < FewRows)
        {
            _findings.Add(new(DriftFinding.FewRows, null, $"'{file.Path}' has {file.Rows} {(file.Rows == 1 ? "row" : "rows")}: only gross differences can show"));
        }
    }

    private static string Why(DriftResult result)
    {
        var reasons = result.Outcomes.SelectMany(outcome => outcome.Columns)
            .Select(column => (column.Evidently is { } profile ? profile.Result.Undefined : column.Drift.Undefined)?.WireName()).OfType<string>()
            .Concat(result.Findings.Where(finding => finding.Kind is DriftFinding.Identifier or DriftFinding.NotCompared).Select(finding => finding.Message))
            .Distinct(StringComparer.Ordinal);
        return string.Join(", ", reasons.Select(reason => reason == "below_min_sample" ? $"below_min_sample (a verdict needs {FewRows} current rows)" : reason));
    }

    private static void SideBySide(Action left, Action right)
    {
        try
        {
            Parallel.Invoke(left, right);
        }
        catch (AggregateException exception)
        {
            // One line for one fault: the reference's, when both sides are broken.
            throw exception.InnerExceptions.FirstOrDefault(inner => inner is CommandException) ?? exception.InnerExceptions[0];
        }
    }
}
