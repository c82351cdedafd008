using System.Globalization;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>The single checks of the gate, as pure functions.</summary>
internal static class GateChecks
{
    /// <summary>The challenger beats the champion by the margin on the same rows; a first version beats predicting their mean.</summary>
    public static GateCheck Metric(GateNumbers numbers, StoredPolicy policy, int championVersion)
    {
        var isRmse = policy.Metric == "rmse";
        var challenger = isRmse ? numbers.ChallengerRmse : numbers.ChallengerMae;
        var other = (isRmse ? numbers.ChampionRmse : numbers.ChampionMae) ?? (isRmse ? numbers.MeanRmse : numbers.MeanMae);
        var margin = numbers.ChampionRmse is null ? 0 : policy.MinImprovement;
        var name = numbers.ChampionRmse is null ? "the rows' own mean" : $"champion version {championVersion}";
        // Nothing is better than no error at all.
        var improvement = other > 0 ? 1 - (challenger / other) : 0;
        var isComparable = double.IsFinite(challenger) && double.IsFinite(other);
        var check = new GateCheck
        {
            Name = "metric",
            // A tie never passes, whatever the margin: a change has to be worth something.
            Passed = isComparable && improvement > 0 && improvement >= margin,
            Explanation = string.Create(
                CultureInfo.InvariantCulture,
                $"{policy.Metric} {challenger:0.####} against {other:0.####} of {name} on {numbers.Rows} rows: {(isComparable ? Compared(improvement) : "nothing to compare")}, needed {margin:P2}"),
            Numbers =
            {
                ["challenger_rmse"] = numbers.ChallengerRmse,
                ["challenger_mae"] = numbers.ChallengerMae,
                ["mean_rmse"] = numbers.MeanRmse,
                ["mean_mae"] = numbers.MeanMae,
                ["improvement"] = improvement,
                ["min_improvement"] = margin,
                ["rows"] = numbers.Rows,
            },
        };
        if (numbers is { ChampionRmse: { } championRmse, ChampionMae: { } championMae })
        {
            check.Numbers["champion_rmse"] = championRmse;
            check.Numbers["champion_mae"] = championMae;
        }

        return check;
    }

    /// <summary>The difference is no accident of the rows: told always, asked for only by a policy that names a largest p-value.</summary>
    public static GateCheck Significance(GateNumbers numbers, StoredPolicy policy)
    {
        var isAsked = policy.MaxPValue > 0 && numbers.ChampionRmse is not null;
        var check = new GateCheck
        {
            Name = "significance",
            Passed = !isAsked || numbers.PairedP <= policy.MaxPValue,
            Explanation = numbers is { PairedT: { } t, PairedP: { } p }
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"paired test of the squared errors: t {t:0.###}, p {p:0.###e+0}, {(isAsked ? $"needed at most {policy.MaxPValue}" : "not asked for")}")
                : numbers.ChampionRmse is null ? "no champion to be paired with" : "the squared errors can't be tested: too few rows, or all differences are equal",
            Numbers = { ["max_p_value"] = policy.MaxPValue },
        };
        if (numbers is { PairedT: { } statistic, PairedP: { } value })
        {
            check.Numbers["paired_t"] = statistic;
            check.Numbers["paired_p"] = value;
        }

        return check;
    }

    /// <summary>The comparison rests on enough rows.</summary>
    public static GateCheck Rows(GateNumbers numbers, StoredPolicy policy) => new()
    {
        Name = "rows",
        Passed = numbers.Rows >= policy.MinRows && numbers.Rows > 0,
        Explanation = string.Create(CultureInfo.InvariantCulture, $"{numbers.Rows} held-out rows, needed {Math.Max(1, policy.MinRows)}"),
        Numbers = { ["rows"] = numbers.Rows, ["min_rows"] = policy.MinRows },
    };

    /// <summary>The rows were scored by the version that holds the alias now.</summary>
    public static GateCheck Champion(int scoredVersion, int holderVersion, int challengerVersion) => new()
    {
        Name = "champion",
        Passed = scoredVersion == holderVersion && challengerVersion != holderVersion,
        Explanation = challengerVersion == holderVersion ? $"version {holderVersion} holds the alias already"
            : scoredVersion != holderVersion
                ? $"the rows were scored against version {scoredVersion}, but version {holderVersion} holds the alias now: the champion changed meanwhile"
            : holderVersion == 0 ? "no version holds the alias"
            : $"the rows were scored by version {holderVersion}, which holds the alias",
        Numbers = { ["scored_champion_version"] = scoredVersion, ["champion_version"] = holderVersion },
    };

    /// <summary>
    /// Whoever calls the champion can call the challenger: it needs no column that they may leave out, takes none as another kind, and predicts
    /// the same thing.
    /// </summary>
    public static GateCheck Signature(ModelSignature? champion, ModelSignature challenger)
    {
        var sent = (champion ?? challenger).Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        var broken = challenger.Inputs
            .Where(input => sent.TryGetValue(input.Name, out var known) ? known.Kind != input.Kind || (input.Required && !known.Required) : input.Required)
            .Select(input => input.Name).ToList();
        var isSameOutput = champion is null or { Output: "" } || champion.Output == challenger.Output;
        return new GateCheck
        {
            Name = "signature",
            Passed = broken.Count == 0 && isSameOutput,
            Explanation = champion is null ? "nobody calls this model yet"
                : !isSameOutput ? $"the champion predicts '{champion.Output}', the challenger '{challenger.Output}'"
                : broken.Count == 0 ? "every call that the champion takes, the challenger takes too"
                : $"callers of the champion don't send what the challenger needs: {string.Join(", ", broken.Take(10))}",
            Numbers = { ["inputs"] = challenger.Inputs.Count, ["broken_inputs"] = broken.Count },
        };
    }

    /// <summary>The data that the challenger was trained on is good.</summary>
    public static GateCheck DataQuality(DataQualityVerdict? verdict, StoredPolicy policy) => new()
    {
        Name = "data-quality",
        Passed = !policy.RequireDataQuality || verdict?.Good == true,
        Explanation = verdict is null ? "the job gave no verdict on its data"
            : verdict.Good ? "the training data is good"
            : $"the training data is not good: {string.Join("; ", verdict.Findings.Take(5))}",
        Numbers = { ["findings"] = verdict?.Findings.Count ?? 0 },
    };

    /// <summary>The model's file is still what was registered: a version that serving would refuse must not be promoted.</summary>
    public static GateCheck Digest(string registeredSha256, long sizeBytes, string? presentSha256) => new()
    {
        Name = "digest",
        Passed = registeredSha256.Length == 64 && presentSha256 == registeredSha256,
        Explanation = registeredSha256.Length != 64 ? "the version was registered without a file to serve, and so without a digest"
            : presentSha256 is null ? "the run no longer has the model's file"
            : presentSha256 == registeredSha256 ? $"the model's file has the registered SHA-256 {registeredSha256[..12]}…"
            : $"the model's file has SHA-256 {presentSha256}, registered was {registeredSha256}",
        Numbers = { ["model_size_bytes"] = sizeBytes },
    };

    private static string Compared(double improvement) => improvement == 0
        ? "equal"
        : string.Create(CultureInfo.InvariantCulture, $"{(improvement > 0 ? "better" : "worse")} by {Math.Abs(improvement):P2}");
}
