using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MLOpsLearn.Cli.GoldenCases;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Cli.Drift;

/// <summary>The comparison as JSON in the form that docs/drift.md states; a number that is not finite is a string.</summary>
internal static class DriftJson
{
    /// <summary>Changes when a field goes or changes its meaning; new fields don't change it.</summary>
    public const string Schema = "mlops-drift/1";

    // The text goes to a terminal or a program, never into a page: names stay readable.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(DriftResult result) => Of(result).ToJsonString(Readable);

    public static JsonObject Of(DriftResult result) => new()
    {
        ["schema"] = Schema,
        ["drifted"] = result.Drifted,
        ["profile"] = result.Settings.EvidentlyCompatible ? EvidentlyReport.Profile : "default",
        ["rule"] = result.Rule,
        ["tests"] = result.Tests,
        ["reference"] = File(result.Settings.Reference, result.Reference),
        ["current"] = File(result.Settings.Current, result.Current),
        ["segment_column"] = result.Settings.Segment,
        ["findings"] = CaseJson.Array(result.Findings, finding => new JsonObject
        {
            ["kind"] = finding.Kind,
            ["column"] = finding.Column,
            ["breaks"] = finding.Breaks,
            ["message"] = finding.Message,
        }),
        ["comparisons"] = CaseJson.Array(result.Outcomes, outcome => new JsonObject
        {
            ["segment"] = outcome.Segment,
            ["drifted"] = outcome.Drifted,
            ["drifted_share"] = CaseJson.Number(outcome.DriftedShare),
            ["columns"] = CaseJson.Array(outcome.Columns, Column),
        }),
    };

    private static JsonObject File(string path, DriftResult.TableSize size) => new() { ["path"] = path, ["rows"] = size.Rows, ["columns"] = size.Columns };

    private static JsonObject Column(ComparedColumn column) => new()
    {
        ["name"] = column.Drift.Name,
        ["kind"] = column.Drift.Kind.ToString().ToLowerInvariant(),
        ["drifted"] = column.Drifted,
        ["undefined"] = (column.Evidently is { } profile ? profile.Result.Undefined : column.Drift.Undefined)?.WireName(),
        ["change"] = Changes.Of(column),
        ["values"] = Verdict(column.Drift.Values),
        ["missingness"] = column.Drift.Missingness is { } missingness ? Verdict(missingness) : null,
        ["evidently"] = column.Evidently is { } theirs ? new JsonObject
        {
            ["method"] = theirs.Result.Method,
            ["score"] = CaseJson.Number(theirs.Score),
            ["threshold"] = theirs.Threshold,
            ["drifted"] = theirs.Drifted,
        } : null,
        ["distances"] = CaseJson.Array(column.Drift.Distances, distance => new JsonObject
        {
            ["method"] = distance.Method,
            ["statistic"] = CaseJson.Number(distance.Statistic),
            ["undefined"] = distance.Undefined?.WireName(),
        }),
        ["reference"] = Side(column.Drift.Reference, column.Reference),
        ["current"] = Side(column.Drift.Current, column.Current),
        ["psi_contributions"] = CaseJson.Array(column.Contributions.Take(100), part => new JsonObject
        {
            ["bin"] = part.Bin,
            ["reference_share"] = CaseJson.Number(part.Reference),
            ["current_share"] = CaseJson.Number(part.Current),
            ["contribution"] = CaseJson.Number(part.Contribution),
        }),
        ["new_category_share"] = CaseJson.Number(column.Drift.NewCategoryShare),
        ["new_categories"] = CaseJson.Array(column.Drift.NewCategories, c => new JsonObject { ["value"] = c.Key.ToString(), ["rows"] = c.Count }),
        ["gone_categories"] = CaseJson.Array(column.Drift.GoneCategories, c => new JsonObject { ["value"] = c.Key.ToString(), ["rows"] = c.Count }),
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
        ["undefined"] = verdict.Test.Undefined?.WireName(),
    };

    private static JsonObject Side(ValueCounts counts, NumberFacts? facts) => new()
    {
        ["rows"] = counts.Rows,
        ["valid"] = counts.Valid,
        ["null"] = counts.Null,
        ["nan"] = counts.NaN,
        ["infinite"] = counts.Infinite,
        ["type_violation"] = counts.TypeViolations,
        ["missing_share"] = CaseJson.Number(counts.MissingShare),
        ["mean"] = CaseJson.Number(facts?.Mean),
        ["standard_deviation"] = CaseJson.Number(facts?.StandardDeviation),
        ["minimum"] = CaseJson.Number(facts?.Minimum),
        ["p05"] = CaseJson.Number(facts?.P05),
        ["median"] = CaseJson.Number(facts?.Median),
        ["p95"] = CaseJson.Number(facts?.P95),
        ["maximum"] = CaseJson.Number(facts?.Maximum),
    };
}
