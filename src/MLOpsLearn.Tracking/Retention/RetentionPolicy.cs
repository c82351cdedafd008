using System.Globalization;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>What becomes of an experiment's runs by themselves.</summary>
/// <param name="MaxAgeDays">A run that ended longer ago is deleted, unless it is kept by the next two; null: none is deleted.</param>
/// <param name="KeepLast">How many of the runs that were started last are kept.</param>
/// <param name="KeepBest">How many of the best are kept; null for none.</param>
/// <param name="DeletedDays">A run that was deleted longer ago is gone for good; null: only when somebody asks for it.</param>
internal sealed record RetentionPolicy(int? MaxAgeDays, int KeepLast, BestRuns? KeepBest, int? DeletedDays)
{
    /// <summary>Nothing goes by itself.</summary>
    public static RetentionPolicy None { get; } = new(null, 0, null, null);

    /// <summary>Why a run goes that ended so many days ago.</summary>
    public string ReasonFor(long days)
    {
        var kept = (KeepLast > 0, KeepBest) switch
        {
            (false, null) => "",
            (true, null) => $", and it is none of the last {KeepLast}",
            (false, { } best) => $", and it is none of the best {best}",
            (true, { } best) => $", and it is none of the last {KeepLast} nor of the best {best}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"ended {days} days ago, more than the {MaxAgeDays} that its experiment keeps{kept}");
    }
}
