namespace MLOpsLearn.Statistics.Windows;

/// <summary>Length of a calendar window.</summary>
public enum CalendarPeriod
{
    /// <summary>From minute 0.</summary>
    Hour,

    /// <summary>From midnight UTC.</summary>
    Day,

    /// <summary>From Monday midnight UTC.</summary>
    Week,

    /// <summary>From the first, midnight UTC.</summary>
    Month,
}
