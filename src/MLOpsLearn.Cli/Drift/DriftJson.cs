using System.Text.Json.Nodes;
using MLOpsLearn.Cli.GoldenCases;
using MLOpsLearn.Statistics;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison as JSON; a number that is not finite is a string.</summary>
internal static class DriftJson
{
    public static JsonObject Of(
        DriftSettings settings, IReadOnlyList<DriftOutcome> outcomes, IReadOnlyList<string> findings, long referenceRows, long currentRows) => new()
        {
            ["drifted"] = outcomes.Any(outcome => outcome.Drifted),
            ["reference"] = new JsonObject { ["path"] = settings.Reference, ["rows"] = referenceRows },
            ["current"] = new JsonObject { ["path"] = settings.Current, ["rows"] = currentRows },
            ["profile"] = settings.EvidentlyCompatible ? "evidently-compatible(0.7)" : "default",
            ["findings"] = CaseJson.Array(findings, finding => JsonValue.Create(finding)),
            ["comparisons"] = CaseJson.Array(outcomes, Outcome),
        };

    private static JsonObject Outcome(DriftOutcome outcome)
    {
        var json = new JsonObject
        {
            ["segment"] = outcome.Segment,
            ["rule"] = outcome.Evidently is null ? outcome.Report.Rule : "evidently-compatible(0.7)",
            ["drifted"] = outcome.Drifted,
            ["drifted_share"] = CaseJson.Number(outcome.Evidently?.Share ?? outcome.Report.DriftedShare),
            ["columns"] = CaseJson.Array(outcome.Report.Columns, Column),
        };
        if (outcome.Evidently is { } profile)
        {
            json["columns"] = CaseJson.Array(profile.Columns, column => new JsonObject
            {
                ["name"] = column.Name,
                ["method"] = column.Result.Method,
                ["score"] = CaseJson.Number(column.Score),
                ["threshold"] = column.Threshold,
                ["drifted"] = column.Drifted,
                ["undefined"] = column.Result.Undefined?.WireName(),
            });
        }

        return json;
    }

    private static JsonObject Column(ColumnDrift column) => new()
    {
        ["name"] = column.Name,
        ["kind"] = column.Kind.ToString().ToLowerInvariant(),
        ["drifted"] = column.Drifted,
        ["undefined"] = column.Undefined?.WireName(),
        ["values"] = Verdict(column.Values),
        ["missingness"] = column.Missingness is { } missingness ? Verdict(missingness) : null,
        ["distances"] = new JsonObject(column.Distances.Select(distance => KeyValuePair.Create(distance.Method, (JsonNode?)CaseJson.Result(distance)))),
        ["reference"] = Counts(column.Reference),
        ["current"] = Counts(column.Current),
        ["new_category_share"] = column.NewCategoryShare,
        ["new_categories"] = CaseJson.Array(column.NewCategories, c => new JsonObject { ["value"] = c.Key.ToString(), ["rows"] = c.Count }),
        ["gone_categories"] = CaseJson.Array(column.GoneCategories, c => new JsonObject { ["value"] = c.Key.ToString(), ["rows"] = c.Count }),
    };

    private static JsonObject Verdict(TestVerdict verdict) => new()
    {
        ["method"] = verdict.Test.Method,
        ["statistic"] = CaseJson.Number(verdict.Test.Statistic),
        ["p_value"] = CaseJson.Number(verdict.Test.PValue),
        ["adjusted_p_value"] = CaseJson.Number(verdict.AdjustedPValue),
        ["effect_method"] = verdict.Effect.Method,
        ["effect"] = CaseJson.Number(verdict.Effect.Statistic),
        ["effect_floor"] = verdict.EffectFloor,
        ["drifted"] = verdict.Drifted,
    };

    private static JsonObject Counts(ValueCounts counts) => new()
    {
        ["rows"] = counts.Rows,
        ["valid"] = counts.Valid,
        ["null"] = counts.Null,
        ["nan"] = counts.NaN,
        ["infinite"] = counts.Infinite,
        ["type_violation"] = counts.TypeViolations,
        ["missing_share"] = CaseJson.Number(counts.MissingShare),
    };
}
