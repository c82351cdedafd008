using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>A column that both files have, and how it is compared.</summary>
internal sealed record ColumnPlan(string Name, DriftKind Kind, TableColumn Reference, TableColumn Current)
{
    /// <summary>Whether its categories are numbers: 1 and 1.0 are then one category.</summary>
    public bool HasNumberKeys => Reference.Class == ColumnClass.Number || Current.Class == ColumnClass.Number;

    /// <summary>Whether its categories are truth values.</summary>
    public bool HasBooleanKeys => Reference.Class == ColumnClass.Boolean || Current.Class == ColumnClass.Boolean;

    /// <summary>Whether its values come row by row as doubles.</summary>
    public bool IsStreamed => Kind is DriftKind.Numeric or DriftKind.DateTime;

    /// <summary>Whether a kind can be read from a type at all.</summary>
    public static bool CanRead(DriftKind kind, ColumnClass type) => kind switch
    {
        DriftKind.Numeric => type is ColumnClass.Number or ColumnClass.Boolean or ColumnClass.Text or ColumnClass.Untyped,
        DriftKind.DateTime => type is ColumnClass.Instant or ColumnClass.Date or ColumnClass.Time or ColumnClass.Text or ColumnClass.Untyped,
        _ => type != ColumnClass.Other,
    };
}
