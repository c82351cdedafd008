namespace MLOpsLearn.Statistics;

/// <summary>Why a statistic has no value. Undefined is a finding about the data, neither drift nor its absence.</summary>
public enum UndefinedReason
{
    /// <summary>No reference value was left after cleaning.</summary>
    EmptyReference,

    /// <summary>No current value was left after cleaning.</summary>
    EmptyCurrent,

    /// <summary>Fewer rows than the method needs.</summary>
    TooFew,

    /// <summary>The pooled sample has one distinct value, and the method divides by spread.</summary>
    ConstantBoth,

    /// <summary>Both sides are constant, though different.</summary>
    ZeroSpread,

    /// <summary>The pooled inter-quartile range is zero.</summary>
    ZeroIqr,

    /// <summary>A two-category method met more than two.</summary>
    NotBinary,

    /// <summary>The formula gives no finite number although the input was fine.</summary>
    NotFinite,

    /// <summary>The window is smaller than the configured minimum for a verdict.</summary>
    BelowMinSample,

    /// <summary>One of the two tables lacks the column, or holds it as another kind.</summary>
    NotComparable,

    /// <summary>Nearly every row has its own category: an identifier, not a category.</summary>
    IdentifierLike,

    /// <summary>
    /// A side covers less than one whole cycle (a week for weekdays, a day for hours): its mix follows from when its rows were taken.
    /// </summary>
    ShortSpan,

    /// <summary>Too few rows of the window have their label.</summary>
    InsufficientLabels,
}
