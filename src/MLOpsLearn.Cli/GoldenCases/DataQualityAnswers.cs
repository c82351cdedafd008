using System.Globalization;
using System.Text.Json.Nodes;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.DataQuality;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;
using MLOpsLearn.Statistics.Windows;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Data quality, merged summaries, limits, chunks and corrections.</summary>
internal static class DataQualityAnswers
{
    private static readonly double[] Probabilities = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    public static JsonObject Numeric(JsonObject @case)
    {
        var pair = new NumericPair(CaseJson.Numbers(@case.Field("reference")), CaseJson.Numbers(@case.Field("current")));
        var json = new JsonObject { ["reference"] = Describe(pair.Reference), ["current"] = Describe(pair.Current) };
        if (RangeCheck.ReferenceRange(pair) is { } range && RangeCheck.Tukey(pair) is { } tukey)
        {
            json["out-of-range(reference-min-max)"] = new JsonObject { ["count"] = range.Outside, ["share"] = range.Share };
            json["out-of-range(tukey-1.5-reference)"] =
                new JsonObject { ["lower"] = tukey.Lower, ["upper"] = tukey.Upper, ["share"] = tukey.Share };
            json["mean-shift-in-reference-std"] = CaseJson.Number(RangeCheck.MeanShift(pair));
        }

        return json;
    }

    public static JsonObject Categorical(JsonObject @case)
    {
        var (reference, current) = (CaseJson.Categories(@case.Field("reference")), CaseJson.Categories(@case.Field("current")));
        var pair = new CategoricalPair(reference, current);
        JsonArray Names(IEnumerable<CategoryCount> categories) =>
            CaseJson.Array(categories.OrderBy(c => c.Key), c => JsonValue.Create(c.Key.ToString()));
        return new()
        {
            ["reference"] = Describe(new CategoricalSummary(reference)),
            ["current"] = Describe(new CategoricalSummary(current)),
            ["new-category"] = new JsonObject
            {
                ["values"] = Names(pair.NewCategories()),
                ["rows"] = pair.NewCategories().Sum(category => category.Count),
                ["share"] = pair.NewCategoryShare,
            },
            ["gone-category"] = new JsonObject { ["values"] = Names(pair.GoneCategories()) },
        };
    }

    public static JsonObject Rows(JsonObject @case)
    {
        var summary = RowSummary.Of(@case.Field("current").AsArray().Select(row => (IReadOnlyList<object?>)
            [.. row!.AsArray().Select(cell => cell is null ? null : (object?)CaseJson.Key(cell))]));
        return new()
        {
            ["rows"] = summary.Rows,
            ["duplicate_rows(beyond-first)"] = summary.DuplicateRows,
            ["rows_in_duplicate_groups"] = summary.RowsInDuplicateGroups,
            ["distinct_rows"] = summary.DistinctRows,
            ["rows_with_null"] = summary.RowsWithNull,
            ["cell_null_share"] = CaseJson.Number(summary.CellNullShare),
        };
    }

    public static JsonObject Merge(JsonObject @case)
    {
        var chunks = @case.Field("current").Elements().Select(CaseJson.Doubles).ToArray();
        var moments = chunks.Select(chunk => Moments.Of(chunk)).Aggregate((a, b) => Moments.Merge(a, b));
        return new()
        {
            ["n"] = moments.Count,
            ["mean"] = moments.Mean,
            ["m2"] = moments.M2,
            ["std_pop"] = moments.StandardDeviationPopulation,
            ["std_sample"] = CaseJson.Number(moments.StandardDeviationSample),
            ["skew_pop"] = CaseJson.Number(moments.SkewnessPopulation),
            ["kurtosis_excess_pop"] = CaseJson.Number(moments.ExcessKurtosisPopulation),
            ["min"] = chunks.Where(chunk => chunk.Length > 0).Min(chunk => chunk.Min()),
            ["max"] = chunks.Where(chunk => chunk.Length > 0).Max(chunk => chunk.Max()),
        };
    }

    public static JsonObject MultipleTests(JsonObject @case)
    {
        var pValues = CaseJson.Doubles(@case.Field("current"));
        var alpha = @case.Field("alpha").GetValue<double>();
        JsonObject Answer(Correction correction)
        {
            var adjusted = MLOpsLearn.Statistics.Verdicts.MultipleTests.Adjust(pValues, correction);
            return new()
            {
                ["adjusted"] = CaseJson.Array(adjusted, p => CaseJson.Number(p)),
                ["rejected"] = CaseJson.Array(adjusted, p => JsonValue.Create(p <= alpha)),
                ["count"] = adjusted.Count(p => p <= alpha),
            };
        }

        return new()
        {
            ["none"] = Answer(Correction.None),
            ["bonferroni"] = Answer(Correction.Bonferroni),
            ["holm"] = Answer(Correction.Holm),
            ["benjamini-hochberg"] = Answer(Correction.BenjaminiHochberg),
            ["benjamini-yekutieli"] = Answer(Correction.BenjaminiYekutieli),
        };
    }

    public static JsonObject Limits(JsonObject @case)
    {
        double[] chunks = [.. @case.Field("current").AsArray().Select(node => node?.GetValue<double>() ?? double.NaN)];
        static JsonObject Answer(ReferenceLimits? limits) =>
            new() { ["factor"] = limits!.Factor, ["lower"] = limits.Lower, ["upper"] = limits.Upper };
        return new()
        {
            ["mean+-2*std_pop, clamp [0,1]"] = Answer(ReferenceLimits.Population(chunks, 2, 0, 1)),
            ["mean+-3*std_pop, clamp [0,1]"] = Answer(ReferenceLimits.Population(chunks, 3, 0, 1)),
            ["student(3 sigma), std_sample, clamp [0,1]"] = Answer(ReferenceLimits.Student(chunks, 0, 1)),
        };
    }

    public static JsonArray Chunking(JsonObject @case) => CaseJson.Array(@case.Field("expected").Elements(), entry =>
    {
        var rows = entry.Field("rows").GetValue<int>();
        var json = new JsonObject { ["rows"] = rows };
        JsonArray Cut(ChunkRemainder remainder) => CaseJson.Array(
            entry["size"] is { } size
                ? Chunks.BySize(rows, size.GetValue<int>(), remainder)
                : Chunks.ByCount(rows, entry.Field("count").GetValue<int>(), remainder),
            range => new JsonArray(range.Start.Value, range.End.Value - 1));
        foreach (var name in (string[])["size", "count"])
        {
            json[name] = entry[name]?.DeepClone();
        }

        json["keep"] = Cut(ChunkRemainder.Keep);
        json["drop"] = Cut(ChunkRemainder.Drop);
        json["append"] = Cut(ChunkRemainder.Append);
        return json;
    });

    private static JsonObject Describe(NumericSample sample)
    {
        var (summary, counts) = (new NumericSummary(sample), sample.Counts);
        var json = new JsonObject
        {
            ["rows"] = counts.Rows,
            ["null"] = counts.Null,
            ["nan"] = counts.NaN,
            ["infinite"] = counts.Infinite,
            ["type_violation"] = counts.TypeViolations,
            ["valid"] = counts.Valid,
            ["missing_share"] = CaseJson.Number(counts.MissingShare),
        };
        if (sample.Count == 0)
        {
            return json;
        }

        var quantiles = new JsonObject();
        foreach (var probability in Probabilities)
        {
            quantiles[probability.ToString(CultureInfo.InvariantCulture)] = CaseJson.Number(summary.Quantile(probability));
        }

        json["distinct"] = summary.Distinct;
        json["min"] = CaseJson.Number(summary.Minimum);
        json["max"] = CaseJson.Number(summary.Maximum);
        json["mean"] = CaseJson.Number(summary.Mean);
        json["std_pop"] = CaseJson.Number(summary.StandardDeviationPopulation);
        json["std_sample"] = CaseJson.Number(summary.StandardDeviationSample);
        json["zeros"] = summary.Zeros;
        json["negatives"] = summary.Negatives;
        json["quantiles"] = quantiles;
        json["most_common_share"] = CaseJson.Number(summary.MostCommonShare);
        json["constant"] = summary.IsConstant;
        json["skew_pop"] = CaseJson.Number(summary.SkewnessPopulation);
        json["kurtosis_excess_pop"] = CaseJson.Number(summary.ExcessKurtosisPopulation);
        return json;
    }

    private static JsonObject Describe(CategoricalSummary summary) => new()
    {
        ["rows"] = summary.Counts.Rows,
        ["null"] = summary.Counts.Null,
        ["empty"] = summary.Empty,
        ["blank"] = summary.Blank,
        ["distinct"] = summary.Distinct,
        ["top"] = CaseJson.Array(summary.Top(5), top => new JsonArray(top.Key.ToString(), top.Count)),
        ["entropy_nats"] = CaseJson.Number(summary.EntropyNats),
    };
}
