using System.Text.Json.Nodes;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Drift;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Tables under the Evidently-compatible profile, and derived columns of text and datetime.</summary>
internal static class TableAnswers
{
    public static JsonObject Evidently(JsonObject @case)
    {
        var report = EvidentlyReport.Compare(Columns(@case, "reference"), Columns(@case, "current"));
        var columns = new JsonObject();
        foreach (var column in report.Columns)
        {
            columns[column.Name] = new JsonObject
            {
                ["method"] = column.Result.Method,
                ["threshold"] = column.Threshold,
                ["score"] = CaseJson.Number(column.Score),
                ["drifted"] = column.Drifted,
            };
        }

        return new()
        {
            ["profile"] = EvidentlyReport.Profile,
            ["columns"] = columns,
            ["dataset"] = new JsonObject
            {
                ["columns"] = report.Columns.Count,
                ["drifted"] = report.Columns.Count(column => column.Drifted == true),
                ["share"] = report.Share,
                ["drift_share"] = EvidentlyReport.DriftShare,
                ["drift"] = report.Drifted,
            },
        };
    }

    public static JsonObject Text(JsonObject @case)
    {
        string?[] Texts(string side) => [.. @case.Field(side).AsArray().Select(node => node?.GetValue<string>())];
        var (reference, current) = (TextColumn.Create(Texts("reference")), TextColumn.Create(Texts("current")));
        JsonNode? Count(string? text, Func<string, int> count) => text is null ? null : JsonValue.Create(count(text));
        return new()
        {
            [TextColumn.LengthColumn] = Compare(new(reference.Length, current.Length)),
            [TextColumn.WordsColumn] = Compare(new(reference.Words, current.Words)),
            ["first_lengths"] = new JsonObject
            {
                ["reference"] = CaseJson.Array(Texts("reference").Take(25), text => Count(text, TextColumn.CountCodePoints)),
                ["current"] = CaseJson.Array(Texts("current").Take(25), text => Count(text, TextColumn.CountCodePoints)),
                ["current_words"] = CaseJson.Array(Texts("current").Take(25), text => Count(text, TextColumn.CountWords)),
            },
            ["empty_share"] = new JsonObject
            {
                ["reference"] = CaseJson.Number(reference.EmptyShare),
                ["current"] = CaseJson.Number(current.EmptyShare),
            },
        };
    }

    public static JsonObject DateTime(JsonObject @case)
    {
        DateTimeColumn Parse(string side) => DateTimeColumn.Parse(@case.Field(side).AsArray().Select(node => node?.GetValue<string>()));
        var (reference, current) = (Parse("reference"), Parse("current"));
        CategoricalPair hour = new(reference.Hour, current.Hour), weekday = new(reference.Weekday, current.Weekday);
        return new()
        {
            [DateTimeColumn.HourColumn] = Results(ChiSquared.Test(hour), CategoryDivergence.JensenShannon(hour)),
            [DateTimeColumn.WeekdayColumn] = Results(ChiSquared.Test(weekday)),
            [DateTimeColumn.GapColumn] = Results(KolmogorovSmirnov.Test(new(reference.GapSeconds, current.GapSeconds))),
            ["summary"] = new JsonObject
            {
                ["reference"] = Range(reference),
                ["current"] = Range(current, reference.Maximum is { } last ? current.ShareAfter(last) : null),
            },
        };
    }

    private static JsonObject Range(DateTimeColumn column, double? after = null)
    {
        var json = new JsonObject { ["min"] = Text(column.Minimum), ["max"] = Text(column.Maximum) };
        if (after is not null)
        {
            json["share_after_reference_max"] = after;
        }

        return json;

        static string? Text(DateTimeOffset? moment) =>
            moment?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static JsonObject Compare(NumericPair pair) => Results(
        KolmogorovSmirnov.Test(pair),
        TransportDistance.OfWassersteinNormalised(pair),
        BinnedDistance.Psi(pair, BinRule.SturgesPooled, ZeroFill.Adaptive));

    private static JsonObject Results(params MethodResult[] results)
    {
        var json = new JsonObject();
        foreach (var result in results)
        {
            json[result.Method] = CaseJson.Result(result);
        }

        return json;
    }

    private static List<DriftColumn> Columns(JsonObject @case, string side) =>
        [.. @case.Field("types").AsObject().Select(type => type.Value!.GetValue<string>() == "numeric"
            ? DriftColumn.Numeric(type.Key, CaseJson.Numbers(@case.Field(side).Field(type.Key)))
            : DriftColumn.Categorical(type.Key, CaseJson.Categories(@case.Field(side).Field(type.Key))))];
}
