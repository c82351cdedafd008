namespace MLOpsLearn.Cli.Drift;

/// <summary>Something to know about the files beside the comparison of values.</summary>
/// <param name="Kind">A fixed word for programs.</param>
/// <param name="Column">Column it is about; null for a whole file.</param>
/// <param name="Message">One sentence without a full stop.</param>
/// <param name="Breaks">Whether the current file breaks what the reference promised, so that there can be no talk of "no drift".</param>
internal sealed record DriftFinding(string Kind, string? Column, string Message, bool Breaks = false)
{
    public const string ColumnMissing = "column_missing";
    public const string ColumnNew = "column_new";
    public const string TypeChanged = "type_changed";
    public const string TypeViolations = "type_violations";
    public const string NotCompared = "not_compared";
    public const string Identifier = "identifier_like";
    public const string LargeIntegers = "large_integers";
    public const string MixedTypes = "mixed_types";
    public const string Encoding = "encoding";
    public const string TimeRange = "time_range";
    public const string FewRows = "few_rows";
    public const string SegmentMissing = "segment_missing";
    public const string SegmentNew = "segment_new";
}
