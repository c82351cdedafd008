using System.Text.RegularExpressions;

namespace MLOpsLearn.Learning.Specification;

/// <summary>Reads a pipeline specification from YAML and says everything that is wrong with it at once.</summary>
public static partial class PipelineSpecificationReader
{
    private static readonly Dictionary<string, ColumnKind> Kinds = new() { ["numeric"] = ColumnKind.Numeric, ["categorical"] = ColumnKind.Categorical };

    private static readonly Dictionary<string, CategoryEncoding> Encodings = new()
    {
        ["ordinal"] = CategoryEncoding.Ordinal,
        ["target-mean"] = CategoryEncoding.TargetMean,
        ["one-hot"] = CategoryEncoding.OneHot,
    };

    private static readonly Dictionary<string, TrainerKind> Trainers = new()
    {
        ["lightgbm"] = TrainerKind.LightGbm,
        ["fasttree"] = TrainerKind.FastTree,
        ["sdca"] = TrainerKind.Sdca,
    };

    /// <returns>The specification, or null and at least one fault.</returns>
    public static (PipelineSpecification? Specification, IReadOnlyList<SpecificationFault> Faults) Parse(string yaml)
    {
        var (root, fault) = YamlTree.Parse(yaml);
        if (root is null)
        {
            return (null, [fault!]);
        }

        var faults = new List<SpecificationFault>();
        var reader = new SectionReader(root, "", faults);
        var name = reader.Text("name", 100, null, text => PipelineName().IsMatch(text), "must be lower-case letters, digits, '.', '_' or '-', beginning with a letter or digit");
        var specification = new PipelineSpecification
        {
            Name = name,
            Model = reader.Text("model", 200, null, text => ModelName().IsMatch(text), "must not contain '/', ':' or control characters"),
            Experiment = reader.Text("experiment", 500, name),
            Seed = (int)reader.Integer("seed", 42, 0, int.MaxValue),
            Dataset = ReadDataset(reader.Section("dataset", required: true)),
            Holdout = ReadHoldout(reader.Section("split", required: false)),
            Features = ReadFeatures(reader),
            Target = ReadTarget(reader.Section("target", required: true)),
            Trainer = ReadTrainer(reader.Section("trainer", required: true)),
            Baseline = reader.Section("baseline", required: false) is { } baseline ? ReadTrainer(baseline) : null,
            Metrics = ReadMetrics(reader),
            Gate = ReadGate(reader.Section("gate", required: false)),
            Retrain = reader.Section("retrain", required: false) is { } retrain ? ReadRetrain(retrain) : null,
        };
        reader.Close();
        CheckNames(specification, reader);
        return faults.Count == 0 ? (specification, []) : (null, faults);
    }

    private static DatasetSpecification ReadDataset(SectionReader? reader)
    {
        var dataset = new DatasetSpecification
        {
            Name = reader?.Text("name", 500) ?? "",
            Files = reader?.TextList("files", 1000, 2000) ?? [],
            Format = reader?.Text("format", 20, "parquet", text => text is "parquet" or "csv", "must be parquet or csv") ?? "",
            Prepare = reader?.Text("prepare", 100_000, "") is { Length: > 0 } sql ? sql : null,
        };
        foreach (var file in dataset.Files.Where(file => !FileUri().IsMatch(file)))
        {
            reader!.Fault("files", file, "must be runs:/<run id>/<artifact path> or file:<path>");
        }

        reader?.Close();
        return dataset;
    }

    private static double ReadHoldout(SectionReader? reader)
    {
        reader?.Text("by", 20, "time", text => text == "time", "must be time");
        var holdout = reader?.Number("holdout", 0.2, 0.05, 0.5) ?? 0.2;
        reader?.Close();
        return holdout;
    }

    private static List<FeatureSpecification> ReadFeatures(SectionReader root)
    {
        var features = new List<FeatureSpecification>();
        foreach (var reader in root.Sections("features", 1000))
        {
            var clip = reader.TextList("clip", 2, 40);
            var cross = reader.TextList("cross", 2, 250);
            var kind = reader.Choice<ColumnKind>("kind", Kinds, null);
            var bounds = clip.Select(text => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var bound) && double.IsFinite(bound) ? bound : (double?)null).ToList();
            if (clip.Count > 0 && (kind != ColumnKind.Numeric || bounds is not [{ } low, { } high] || low > high))
            {
                reader.Fault("clip", string.Join(", ", clip), "must be [low, high], on a numeric feature");
            }

            if (cross.Count > 0 && (kind != ColumnKind.Categorical || cross.Count != 2))
            {
                reader.Fault("cross", string.Join(", ", cross), "must name two features, on a categorical one");
            }

            features.Add(new FeatureSpecification
            {
                Name = reader.Text("name", 250),
                Kind = kind,
                Clip = bounds is [{ } lower, { } upper] ? (lower, upper) : null,
                Cross = cross.Count == 2 ? (cross[0], cross[1]) : null,
                Encode = reader.Choice("encode", Encodings, cross.Count == 2 ? CategoryEncoding.TargetMean : CategoryEncoding.Ordinal),
            });
            reader.Close();
        }

        return features;
    }

    private static TargetSpecification ReadTarget(SectionReader? reader)
    {
        var target = new TargetSpecification
        {
            Name = reader?.Text("name", 250) ?? "",
            Min = reader?.OptionalNumber("min"),
            Max = reader?.OptionalNumber("max"),
        };
        if (target.Min > target.Max)
        {
            reader!.Fault("min", "", "must not lie above max");
        }

        reader?.Close();
        return target;
    }

    private static TrainerSpecification ReadTrainer(SectionReader? reader)
    {
        var kind = reader?.Choice<TrainerKind>("kind", Trainers, null) ?? default;
        var trainer = new TrainerSpecification
        {
            Kind = kind,
            Iterations = (int)(reader?.Integer("iterations", kind == TrainerKind.Sdca ? 20 : 200, 1, 10_000) ?? 0),
            LearningRate = reader?.Number("learning_rate", 0.1, 0.0001, 1) ?? 0,
            Leaves = (int)(reader?.Integer("leaves", 31, 2, 4096) ?? 0),
            MinRowsPerLeaf = (int)(reader?.Integer("min_rows_per_leaf", 20, 1, 1_000_000) ?? 0),
            L2 = reader?.Number("l2", 1e-5, 1e-9, 10) ?? 0,
        };
        reader?.Close();
        return trainer;
    }

    private static IReadOnlyList<string> ReadMetrics(SectionReader reader)
    {
        var metrics = reader.TextList("metrics", 10, 20);
        if (metrics.Any(metric => !PipelineSpecification.KnownMetrics.Contains(metric)))
        {
            reader.Fault("metrics", string.Join(", ", metrics), $"must be among {string.Join(", ", PipelineSpecification.KnownMetrics)}");
        }

        return metrics.Count == 0 ? PipelineSpecification.KnownMetrics : metrics;
    }

    private static GateSpecification ReadGate(SectionReader? reader)
    {
        var gate = reader is null ? new GateSpecification() : new GateSpecification
        {
            Metric = reader.Text("metric", 20, "rmse", text => text is "rmse" or "mae", "must be rmse or mae"),
            MinImprovement = reader.Number("min_improvement", 0.01, 0, 1),
            MinRows = reader.Integer("min_rows", 500, 1, 1_000_000_000),
            RequireDataQuality = reader.Flag("require_data_quality", true),
        };
        reader?.Close();
        return gate;
    }

    private static RetrainSpecification ReadRetrain(SectionReader reader)
    {
        var on = reader.TextList("on", 3, 20);
        if (on.Count == 0 || on.Any(trigger => trigger is not ("alert" or "schedule" or "external")))
        {
            reader.Fault("on", string.Join(", ", on), "must list alert, schedule or external");
        }

        var retrain = new RetrainSpecification
        {
            On = on,
            Window = reader.Duration("window", TimeSpan.FromDays(31), TimeSpan.FromDays(3660)),
            CoolDown = reader.Duration("cool_down", TimeSpan.FromDays(1), TimeSpan.FromDays(3660)),
            MaxAge = reader.Duration("max_age", TimeSpan.Zero, TimeSpan.FromDays(3660)) is var age && age > TimeSpan.Zero ? age : null,
            MaxInFlight = (int)reader.Integer("max_in_flight", 1, 1, 10),
            DailyBudget = (int)reader.Integer("daily_budget", 24, 1, 1000),
            MinLabelledRows = reader.Integer("min_labelled_rows", 1000, 1, 1_000_000_000),
        };
        reader.Close();
        return retrain;
    }

    private static void CheckNames(PipelineSpecification specification, SectionReader root)
    {
        var inputs = specification.Features.Where(feature => feature.Cross is null && feature.Kind == ColumnKind.Categorical).Select(feature => feature.Name).ToHashSet();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { specification.Target.Name, "event_time", "prediction_id" };
        for (var i = 0; i < specification.Features.Count; i++)
        {
            var feature = specification.Features[i];
            if (!seen.Add(feature.Name))
            {
                root.Fault($"features[{i}].name", feature.Name, "must be unique, and neither the target, event_time nor prediction_id");
            }

            if (feature.Cross is { } cross && (!inputs.Contains(cross.First) || !inputs.Contains(cross.Second)))
            {
                root.Fault($"features[{i}].cross", $"{cross.First}, {cross.Second}", "must name two categorical features of this list that are no crosses");
            }
        }
    }

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,99}\z")]
    private static partial Regex PipelineName();

    [GeneratedRegex(@"^[^/:\p{Cc}]+\z")]
    private static partial Regex ModelName();

    [GeneratedRegex(@"^(runs:/[0-9a-f]{32}/[^\\]+|file:.+)\z")]
    private static partial Regex FileUri();
}
