using Microsoft.Extensions.Options;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>The policy of experiments that have none of their own; empty: nothing goes by itself.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>As the tag <c>mlops.retention.max_age_days</c>.</summary>
    public string MaxAgeDays { get; set; } = "";

    /// <summary>As the tag <c>mlops.retention.keep_last</c>.</summary>
    public string KeepLast { get; set; } = "";

    /// <summary>As the tag <c>mlops.retention.keep_best</c>.</summary>
    public string KeepBest { get; set; } = "";

    /// <summary>As the tag <c>mlops.retention.deleted_days</c>.</summary>
    public string DeletedDays { get; set; } = "";

    /// <summary>How often policies are applied. Default one hour.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromHours(1);

    public RetentionPolicy Policy => RetentionRules.Read(TextOf, RetentionPolicy.None);

    public string? TextOf(string tag) => tag switch
    {
        RetentionRules.MaxAgeDays => MaxAgeDays,
        RetentionRules.KeepLast => KeepLast,
        RetentionRules.KeepBest => KeepBest,
        _ => DeletedDays,
    };
}

/// <summary>Tells at the start what no policy can be.</summary>
internal sealed class RetentionOptionsCheck : IValidateOptions<RetentionOptions>
{
    private static readonly (string Setting, string Tag)[] Settings =
    [
        (nameof(RetentionOptions.MaxAgeDays), RetentionRules.MaxAgeDays), (nameof(RetentionOptions.KeepLast), RetentionRules.KeepLast),
        (nameof(RetentionOptions.KeepBest), RetentionRules.KeepBest), (nameof(RetentionOptions.DeletedDays), RetentionRules.DeletedDays),
    ];

    public ValidateOptionsResult Validate(string? name, RetentionOptions options)
    {
        foreach (var (setting, tag) in Settings)
        {
            if (options.TextOf(tag) is { Length: > 0 } text && RetentionRules.BrokenRule(tag, text) is { } rule)
            {
                return ValidateOptionsResult.Fail($"Retention__{setting} {rule}, is '{text}'.");
            }
        }

        return options.Interval >= TimeSpan.FromMinutes(1) && options.Interval <= TimeSpan.FromDays(30)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"Retention__Interval must be between a minute and 30 days, is '{options.Interval}'.");
    }
}
