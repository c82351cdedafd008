namespace MLOpsLearn.Statistics;

/// <summary>Names of the reasons as they appear on the wire.</summary>
public static class UndefinedReasons
{
    /// <summary>Lower-case name with underscores, for example <c>too_few</c>.</summary>
    public static string WireName(this UndefinedReason reason) => reason switch
    {
        UndefinedReason.EmptyReference => "empty_reference",
        UndefinedReason.EmptyCurrent => "empty_current",
        UndefinedReason.TooFew => "too_few",
        UndefinedReason.ConstantBoth => "constant_both",
        UndefinedReason.ZeroSpread => "zero_spread",
        UndefinedReason.ZeroIqr => "zero_iqr",
        UndefinedReason.NotBinary => "not_binary",
        UndefinedReason.NotFinite => "not_finite",
        UndefinedReason.BelowMinSample => "below_min_sample",
        UndefinedReason.NotComparable => "not_comparable",
        UndefinedReason.IdentifierLike => "identifier_like",
        UndefinedReason.ShortSpan => "short_span",
        UndefinedReason.InsufficientLabels => "insufficient_labels",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
