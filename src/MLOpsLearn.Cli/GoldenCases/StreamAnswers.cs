using System.Text.Json.Nodes;
using MLOpsLearn.Statistics.Detectors;
using MLOpsLearn.Statistics.Labels;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Sketches;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Online detectors, sketches and the label join.</summary>
internal static class StreamAnswers
{
    private const double RankError = 0.0165;

    public static JsonObject Detectors(JsonObject @case)
    {
        var values = CaseJson.Doubles(@case.Field("current"));
        var json = new JsonObject();
        List<IStreamDetector> detectors =
        [
            new Adwin(), new Adwin(0.05, 1), new PageHinkley(), new PageHinkley(threshold: 20), new Cusum(30, 0.5, 5), new Cusum(),
            new Kswin(), new Kswin(0.0001),
        ];
        if (Array.TrueForAll(values, static value => value is 0 or 1))
        {
            detectors.AddRange([new Ddm(), new Eddm()]);
        }

        foreach (var detector in detectors)
        {
            var (fired, warned) = (new JsonArray(), new JsonArray());
            var before = DetectorSignal.None;
            for (var i = 0; i < values.Length; i++)
            {
                var signal = detector.Update(values[i]);
                if (signal == DetectorSignal.Drift)
                {
                    fired.Add(i);
                }
                else if (signal == DetectorSignal.Warning && before != DetectorSignal.Warning)
                {
                    warned.Add(i);
                }

                before = signal;
            }

            var answer = new JsonObject { ["detections"] = fired, ["warnings_entered"] = warned };
            if (detector is Adwin adwin)
            {
                answer["final_width"] = adwin.Width;
                answer["final_mean"] = adwin.Mean;
                answer["final_variance_pop"] = adwin.VariancePopulation;
            }

            json[detector.Method] = answer;
        }

        return json;
    }

    public static JsonObject Quantiles(JsonObject @case)
    {
        var values = SplitMix.Numbers(@case.Field("current"));
        var sketch = new QuantileSketch();
        sketch.Add(values);
        var sample = NumericSample.Create(values);
        var (exact, allowed, estimated) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var name in (string[])["0.001", "0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99", "0.999"])
        {
            var q = double.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
            exact[name] = sample.Quantile(q);
            allowed[name] = new JsonArray(sample.Quantile(Math.Max(0, q - RankError)), sample.Quantile(Math.Min(1, q + RankError)));
            estimated[name] = sketch.Quantile(q);
        }

        return new()
        {
            ["exact_quantiles(type7)"] = exact,
            ["min"] = sketch.Minimum,
            ["max"] = sketch.Maximum,
            ["allowed_value_range(kll k=200, rank error 0.0165)"] = allowed,
            ["sketch(kll,k=200,seed=1)"] = estimated,
        };
    }

    public static JsonObject Distinct(JsonObject @case)
    {
        var words = SplitMix.Words(@case.Field("current")).ToArray();
        var json = new JsonObject();
        foreach (var (name, _) in @case.Field("expected").AsObject())
        {
            var modulus = ulong.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
            var (sketch, exact) = (new DistinctSketch(), new HashSet<ulong>());
            foreach (var word in words)
            {
                sketch.Add((long)(word % modulus));
                exact.Add(word % modulus);
            }

            json[name] = new JsonObject
            {
                ["exact"] = exact.Count,
                ["allowed_relative_error(hll p=14, 4 sigma)"] = 0.0325,
                [DistinctSketch.Method] = sketch.Estimate(),
            };
        }

        return json;
    }

    public static JsonArray LabelJoins(JsonObject @case)
    {
        var settings = @case.Field("settings");
        var rules = new LabelJoinSettings(
            settings.Field("horizon").GetValue<long>(),
            settings.Field("early_ttl").GetValue<long>(),
            CaseJson.Strings(settings.Field("classes")).ToHashSet(StringComparer.Ordinal),
            settings.Field("min_coverage").GetValue<double>(),
            settings.Field("min_labels").GetValue<int>());
        Prediction[] predictions = [.. @case.Field("reference").Elements().Select(node => new Prediction(
            node.Field("id").GetValue<string>(), node.Field("t").GetValue<long>(), node.Field("arrived").GetValue<long>(), node.Field("prediction").ToString()))];
        Label[] labels = [.. @case.Field("current").Elements().Select(node => new Label(
            node.Field("id").GetValue<string>(),
            node["value"]?.ToString(),
            node.Field("arrived").GetValue<long>(),
            node["version"]?.GetValue<long>(),
            node["op"]?.GetValue<string>() == "retract"))];
        return CaseJson.Array(@case.Field("expected").Elements(), entry =>
        {
            var query = entry.Field("query");
            var join = new LabelJoin(predictions, labels, rules, query.Field("as_of").GetValue<long>());
            var window = join.Window(query.Field("start").GetValue<long>(), query.Field("end").GetValue<long>());
            var counters = join.Counters;
            return new JsonObject
            {
                ["query"] = query.DeepClone(),
                ["predictions"] = window.Predictions,
                ["joined"] = window.Rows.Count,
                ["coverage"] = CaseJson.Number(window.Coverage),
                ["status"] = window.Status.ToString().ToLowerInvariant(),
                ["accuracy"] = CaseJson.Number(window.Accuracy),
                ["counters(whole log up to as_of)"] = new JsonObject
                {
                    ["duplicate_prediction"] = counters.DuplicatePrediction,
                    ["conflicting_prediction"] = counters.ConflictingPrediction,
                    ["waiting"] = counters.Waiting,
                    ["orphan"] = counters.Orphan,
                    ["too_late"] = counters.TooLate,
                    ["duplicate_label"] = counters.DuplicateLabel,
                    ["correction"] = counters.Correction,
                    ["stale_label"] = counters.StaleLabel,
                    ["retracted"] = counters.Retracted,
                    ["invalid_label"] = counters.InvalidLabel,
                },
            };
        });
    }
}
