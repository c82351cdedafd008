using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Statistics;

/// <summary>
/// Comparison of two tables column by column with the rule <c>p-and-effect</c>: a column has drifted when its p-value, corrected
/// over all tests of the report, is at most alpha and the difference is large enough to matter. Start here.
/// </summary>
public sealed record DriftReport
{
    private DriftReport(IReadOnlyList<ColumnDrift> columns, DriftOptions options) => (Columns, Options) = (columns, options);

    /// <summary>The findings: columns of the reference in their order, then those only the current side has.</summary>
    public IReadOnlyList<ColumnDrift> Columns { get; }

    /// <summary>The settings used.</summary>
    public DriftOptions Options { get; }

    /// <summary>Identity of the rule and all its parameters.</summary>
    public string Rule => FormattableString.Invariant(
        $"p-and-effect(alpha={Options.Alpha},correction={Options.Correction switch
        {
            Verdicts.Correction.BenjaminiHochberg => "benjamini-hochberg",
            Verdicts.Correction.BenjaminiYekutieli => "benjamini-yekutieli",
            Verdicts.Correction.Holm => "holm",
            Verdicts.Correction.Bonferroni => "bonferroni",
            _ => "none",
        }},numeric={Options.NumericEffectFloor},categorical={Options.CategoricalEffectFloor},missing={Options.MissingnessEffectFloor},min={Options.MinimumRows},table={(Options.TableRule == TableRule.Share ? FormattableString.Invariant($"share>={Options.DriftShare}") : "any")})");

    /// <summary>Whether the table has drifted: any column, or the share that <see cref="DriftOptions.TableRule"/> asks for.</summary>
    public bool Drifted => Options.TableRule == TableRule.Share ? DriftedShare >= Options.DriftShare : Columns.Any(column => column.Drifted);

    /// <summary>Share of drifted columns among those with a verdict on values or missingness; null when none has one.</summary>
    public double? DriftedShare
    {
        get
        {
            var judged = Columns.Count(column => column.Values.Drifted is not null || column.Missingness?.Drifted is not null);
            return judged == 0 ? null : (double)Columns.Count(column => column.Drifted) / judged;
        }
    }

    /// <summary>Compares two tables. Columns meet by name; one that a side lacks, or holds as another kind, is undefined (not_comparable).</summary>
    /// <param name="reference">What the window is compared with.</param>
    /// <param name="current">The window.</param>
    /// <param name="options">Settings; defaults when null.</param>
    /// <param name="cancellationToken">Ends a long comparison.</param>
    /// <exception cref="ArgumentException">A side names a column twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public static DriftReport Compare(
        IReadOnlyList<DriftColumn> reference,
        IReadOnlyList<DriftColumn> current,
        DriftOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options ??= new();
        options.Check();
        var right = ByName(current, nameof(current));
        var left = ByName(reference, nameof(reference));
        var pairs = new List<(DriftColumn? Reference, DriftColumn? Current)>(reference.Count);
        pairs.AddRange(reference.Select(column => ((DriftColumn?)column, right.GetValueOrDefault(column.Name))));
        pairs.AddRange(current.Where(column => !left.ContainsKey(column.Name)).Select(column => ((DriftColumn?)null, (DriftColumn?)column)));

        var columns = new ColumnDrift[pairs.Count];
        var settings = new ParallelOptions { MaxDegreeOfParallelism = options.DegreeOfParallelism, CancellationToken = cancellationToken };
        Parallel.For(0, pairs.Count, settings, i =>
            columns[i] = ColumnComparison.Compare(pairs[i].Reference, pairs[i].Current, options, cancellationToken));
        return new(PAndEffect.Judge(columns, options), options);
    }

    /// <summary>
    /// Judges columns that were compared apart as one family: the correction runs over all their tests. For tables too wide to hold at
    /// once, and for segments of one table.
    /// </summary>
    /// <param name="columns">Columns of reports made by <see cref="Compare"/>; their verdicts are replaced.</param>
    /// <param name="options">Settings; those the columns were compared with, defaults when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public static DriftReport Judge(IReadOnlyList<ColumnDrift> columns, DriftOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        options ??= new();
        options.Check();
        return new(PAndEffect.Judge([.. columns], options), options);
    }

    private static Dictionary<string, DriftColumn> ByName(IReadOnlyList<DriftColumn> columns, string side)
    {
        var byName = new Dictionary<string, DriftColumn>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!byName.TryAdd(column.Name, column))
            {
                throw new ArgumentException($"The column '{column.Name}' appears twice.", side);
            }
        }

        return byName;
    }
}
