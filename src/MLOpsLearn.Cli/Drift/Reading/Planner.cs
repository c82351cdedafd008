using System.Globalization;
using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>Decides which columns are compared and how: what the user says, else what the type says, else what the values say.</summary>
internal sealed class Planner(TableFile reference, TableFile current, DriftSettings settings)
{
    // An identifier has nearly as many values as rows; a text column like that is compared by its lengths.
    private const double MostCategories = 1000;
    private const double MostForcedCategories = 100_000;
    private const double ShareOfKind = 0.9;
    private const double ShareOfMixture = 0.1;
    private readonly List<DriftFinding> _findings = [];
    private Dictionary<string, ColumnProfile> _referenceProfiles = [];
    private Dictionary<string, ColumnProfile> _currentProfiles = [];

    /// <exception cref="CommandException">A named column is in neither file, or can't be what the user says.</exception>
    public (IReadOnlyList<ColumnPlan> Plans, IReadOnlyList<DriftFinding> Findings) Plan()
    {
        var columns = Wanted();
        foreach (var name in columns.Concat(settings.Kinds.Keys))
        {
            if (!reference.Columns.ContainsKey(name) && !current.Columns.ContainsKey(name))
            {
                throw new CommandException($"Neither file has a column '{name}'.");
            }
        }

        bool IsWanted(string name) => (columns.Count == 0 || columns.Contains(name)) && name != settings.Segment;
        var shared = reference.Columns.Keys.Where(name => IsWanted(name) && current.Columns.ContainsKey(name)).ToList();
        if (shared.Count == 0)
        {
            throw new CommandException($"'{settings.Reference}' and '{settings.Current}' have no column in common that can be compared.");
        }

        _findings.AddRange(reference.Columns.Keys.Where(name => IsWanted(name) && !current.Columns.ContainsKey(name))
            .Select(name => new DriftFinding(DriftFinding.ColumnMissing, name, $"column '{name}' is missing in '{current.Path}'", Breaks: true)));
        _findings.AddRange(current.Columns.Keys.Where(name => IsWanted(name) && !reference.Columns.ContainsKey(name))
            .Select(name => new DriftFinding(DriftFinding.ColumnNew, name, $"column '{name}' is new in '{current.Path}'")));
        _referenceProfiles = ColumnProfile.Of(reference, shared.Select(name => reference.Columns[name]));
        _currentProfiles = ColumnProfile.Of(current, shared.Select(name => current.Columns[name]));
        List<ColumnPlan> plans = [.. shared.Select(PlanOf).OfType<ColumnPlan>()];
        return (plans, _findings);
    }

    // A column's name may hold a comma, so a name that exists is taken as it is.
    private HashSet<string> Wanted() => settings.Columns
        .SelectMany(given => reference.Columns.ContainsKey(given) || current.Columns.ContainsKey(given)
            ? [given]
            : given.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        .ToHashSet(StringComparer.Ordinal);

    private ColumnPlan? PlanOf(string name)
    {
        TableColumn left = reference.Columns[name], right = current.Columns[name];
        var before = _referenceProfiles.GetValueOrDefault(name, ColumnProfile.None);
        var after = _currentProfiles.GetValueOrDefault(name, ColumnProfile.None);
        if (left.Class == ColumnClass.Other || right.Class == ColumnClass.Other)
        {
            var unknown = left.Class == ColumnClass.Other ? left : right;
            return Without(DriftFinding.NotCompared, name, $"column '{name}' is {unknown.ShortType}: nested and binary columns are not compared");
        }

        if (settings.Kinds.TryGetValue(name, out var stated))
        {
            Check(name, stated, left, before);
            Check(name, stated, right, after);
            return new(name, stated, left, right);
        }

        if (left.Type != right.Type && left.Class != ColumnClass.Untyped && right.Class != ColumnClass.Untyped)
        {
            Find(DriftFinding.TypeChanged, name, $"column '{name}' changed its type from {left.ShortType} to {right.ShortType}");
        }

        if (before.IsRowNumber && after.IsRowNumber)
        {
            return Without(DriftFinding.Identifier, name, $"column '{name}' numbers its rows: an identifier, not compared (--kind {name}=numeric compares it)");
        }

        if (before.HasInexactIntegers || after.HasInexactIntegers)
        {
            Find(DriftFinding.LargeIntegers, name, $"column '{name}' holds whole numbers above 2^53, which a double can't hold: not compared as numbers");
        }

        var kind = Infer(name, before.Values > 0 ? left : right, before, after);
        if (!ColumnPlan.CanRead(kind, left.Class) || !ColumnPlan.CanRead(kind, right.Class))
        {
            _findings.Add(new(DriftFinding.NotCompared, name, $"column '{name}' was {left.ShortType} and is {right.ShortType}: not comparable", Breaks: true));
            return null;
        }

        return settings.EvidentlyCompatible && kind is DriftKind.Text or DriftKind.DateTime
            ? Without(DriftFinding.NotCompared, name, $"column '{name}' is {kind.ToString().ToLowerInvariant()}: the profile compares numeric and categorical columns here")
            : new(name, kind, left, right);
    }

    private DriftKind Infer(string name, TableColumn column, ColumnProfile before, ColumnProfile after)
    {
        var profile = before.Values > 0 ? before : after;
        var words = IsText(before) || IsText(after) ? DriftKind.Text : DriftKind.Categorical;
        var exact = !before.HasInexactIntegers && !after.HasInexactIntegers;
        switch (column.Class)
        {
            case ColumnClass.Number:
                return exact ? DriftKind.Numeric : words;
            case ColumnClass.Boolean:
                return DriftKind.Categorical;
            case ColumnClass.Instant or ColumnClass.Date or ColumnClass.Time:
                return DriftKind.DateTime;
            case ColumnClass.Untyped when profile.Values == 0 || profile.Numbers >= ShareOfKind * profile.Values:
                return exact ? DriftKind.Numeric : words;
            case ColumnClass.Untyped when profile.Instants >= ShareOfKind * profile.Values:
                return DriftKind.DateTime;
            default:
                if (column.Class == ColumnClass.Untyped && profile.Numbers >= ShareOfMixture * profile.Values)
                {
                    var share = (profile.Numbers / profile.Values).ToString("P0", CultureInfo.InvariantCulture);
                    Find(DriftFinding.MixedTypes, name, $"column '{name}' mixes numbers ({share}) with other text: compared as {words.ToString().ToLowerInvariant()}");
                }

                return words;
        }

        static bool IsText(ColumnProfile profile) => profile.Distinct > Math.Min(MostCategories, Math.Max(20, profile.Values / 5));
    }

    private static void Check(string name, DriftKind kind, TableColumn column, ColumnProfile profile)
    {
        var said = $"--kind {name}={kind.ToString().ToLowerInvariant()}";
        if (!ColumnPlan.CanRead(kind, column.Class))
        {
            throw new CommandException($"{said}: the column is {column.ShortType}.");
        }

        if (kind == DriftKind.Numeric && profile.HasInexactIntegers)
        {
            throw new CommandException($"{said}: the column holds whole numbers above 2^53, which a double can't hold.");
        }

        if (kind == DriftKind.Categorical && profile.Distinct > MostForcedCategories)
        {
            throw new CommandException(string.Create(
                CultureInfo.InvariantCulture, $"{said}: the column has about {profile.Distinct:N0} different values, an identifier and no category; at most {MostForcedCategories:N0} are counted."));
        }
    }

    private ColumnPlan? Without(string finding, string name, string message)
    {
        Find(finding, name, message);
        return null;
    }

    private void Find(string kind, string name, string message) => _findings.Add(new(kind, name, message));
}
