using System.Globalization;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>The tags of an experiment that say what becomes of its runs, and what each may hold.</summary>
internal static class RetentionRules
{
    public const string Prefix = "mlops.retention.";

    /// <summary>Days after its end that a run is kept; "never" when none is deleted.</summary>
    public const string MaxAgeDays = Prefix + "max_age_days";

    /// <summary>How many of the runs that were started last are kept however old they are.</summary>
    public const string KeepLast = Prefix + "keep_last";

    /// <summary>How many of the best, and by which metric.</summary>
    public const string KeepBest = Prefix + "keep_best";

    /// <summary>Days that a deleted run waits before it is gone for good; "never" when none goes.</summary>
    public const string DeletedDays = Prefix + "deleted_days";

    /// <summary>Tag of a run, whatever its value, that no policy deletes.</summary>
    public const string KeepRun = Prefix + "keep";

    public const string Never = "never";

    private const int MostDays = 3650;
    private const int MostRuns = 1_000_000;

    /// <summary>The rule that an experiment's tag breaks; null when it breaks none, or is no business of ours.</summary>
    public static string? BrokenRule(string key, string value) => key switch
    {
        MaxAgeDays => value == Never || Number(value, 0, MostDays) is not null ? null : $"must be a whole number of days from 0 to {MostDays}, or '{Never}'",
        KeepLast => Number(value, 0, MostRuns) is not null ? null : $"must be a whole number from 0 to {MostRuns}",
        KeepBest => BestRuns.TryParse(value) is not null ? null : $"must be like '5 by rmse asc': a whole number from 1 to {MostRuns}, a metric, and asc or desc",
        DeletedDays => value == Never || Number(value, 1, MostDays) is not null ? null : $"must be a whole number of days from 1 to {MostDays}, or '{Never}'",
        _ when key.StartsWith(Prefix, StringComparison.Ordinal) => $"is no rule of retention: there are {MaxAgeDays}, {KeepLast}, {KeepBest} and {DeletedDays}",
        _ => null,
    };

    /// <summary>The policy of these texts; what is missing or can't be read is what another policy says.</summary>
    public static RetentionPolicy Read(Func<string, string?> textOf, RetentionPolicy otherwise) => new(
        Days(textOf(MaxAgeDays), otherwise.MaxAgeDays),
        Number(textOf(KeepLast), 0, MostRuns) ?? otherwise.KeepLast,
        textOf(KeepBest) is { } best && BestRuns.TryParse(best) is { } read ? read : otherwise.KeepBest,
        Days(textOf(DeletedDays), otherwise.DeletedDays));

    private static int? Days(string? text, int? otherwise) => text == Never ? null : Number(text, 0, MostDays) ?? otherwise;

    private static int? Number(string? text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
