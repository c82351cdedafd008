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
        var improvement = 1 - (challenger / other);
        var margin = numbers.ChampionRmse is null ? 0 : policy.MinImprovement;
        // A tie never passes, whatever the margin: a change has to be worth something.
        var passed = improvement > 0 && improvement >= margin;
        var name = numbers.ChampionRmse is null ? "the rows' own mean" : $"champion version {championVersion}";
        var check = new GateCheck
        {
            Name = "metric",
            Passed = passed,
            Explanation = string.Create(
                CultureInfo.InvariantCulture,
                $"{policy.Metric} {challenger:0.####} against {other:0.####} of {name} on {numbers.Rows} rows: {(improvement >= 0 ? "better" : "worse")} by {Math.Abs(improvement):P2}, needed {margin:P2}"),
            Numbers =
            {
                ["challenger_rmse"] = numbers.ChallengerRmse,
                ["challenger_mae"] = numbers.ChallengerMae,
                ["mean_rmse"] = numbers.MeanRmse,
                ["mean_mae"] = numbers.MeanMae,
                ["improvement"] = improvement,
                ["min_improvement"] = margin,
            },
        };
        if (numbers is { ChampionRmse: { } championRmse, ChampionMae: { } championMae })
        {
            check.Numbers["champion_rmse"] = championRmse;
            check.Numbers["champion_mae"] = championMae;
        }

        if (numbers.PairedT is { } t)
        {
            check.Numbers["paired_t"] = t;
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
    public static GateCheck Champion(int scoredVersion, int holderVersion) => new()
    {
        Name = "champion",
        Passed = scoredVersion == holderVersion,
        Explanation = scoredVersion == holderVersion
            ? holderVersion == 0 ? "no version holds the alias" : $"the rows were scored by version {holderVersion}, which holds the alias"
            : $"the rows were scored against version {scoredVersion}, but version {holderVersion} holds the alias now: the champion changed meanwhile",
        Numbers = { ["scored_champion_version"] = scoredVersion, ["champion_version"] = holderVersion },
    };

    /// <summary>Whoever calls the champion can call the challenger: it needs no column that they don't send, and none of another kind.</summary>
    public static GateCheck Signature(ModelSignature? champion, ModelSignature challenger)
    {
        var sent = champion?.Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        var broken = sent is null ? [] : challenger.Inputs
            .Where(input => sent.TryGetValue(input.Name, out var known) ? known.Kind != input.Kind : input.Required)
            .Select(input => input.Name).ToList();
        return new GateCheck
        {
            Name = "signature",
            Passed = broken.Count == 0,
            Explanation = champion is null ? "nobody calls this model yet"
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
}
