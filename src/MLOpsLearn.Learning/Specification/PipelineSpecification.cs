namespace MLOpsLearn.Learning.Specification;

/// <summary>What a pipeline is: data, features, trainer, gate, and when to run again by itself.</summary>
public sealed record PipelineSpecification
{
    internal static readonly string[] KnownMetrics = ["rmse", "mae", "r2", "skill", "bias"];

    /// <summary>Name of the pipeline.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the registered model that its versions belong to.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the experiment that its runs belong to; the pipeline's name by default.</summary>
    public required string Experiment { get; init; }

    /// <summary>Seed of everything random. Default 42.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Where rows come from.</summary>
    public required DatasetSpecification Dataset { get; init; }

    /// <summary>Share of the rows, the newest by event time, that is held out for the comparison of models; 0.05 to 0.5, default 0.2.</summary>
    public double Holdout { get; init; } = 0.2;

    /// <summary>What the model sees.</summary>
    public required IReadOnlyList<FeatureSpecification> Features { get; init; }

    /// <summary>What it predicts.</summary>
    public required TargetSpecification Target { get; init; }

    /// <summary>How it learns.</summary>
    public required TrainerSpecification Trainer { get; init; }

    /// <summary>A second trainer, fitted on the same rows and reported beside, never served; null for none.</summary>
    public TrainerSpecification? Baseline { get; init; }

    /// <summary>Which metrics of the held-out and of the training rows are logged: "rmse", "mae", "r2", "skill", "bias". All by default.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = KnownMetrics;

    /// <summary>When a version may take the champion's place.</summary>
    public GateSpecification Gate { get; init; } = new();

    /// <summary>When the pipeline runs by itself; null for never.</summary>
    public RetrainSpecification? Retrain { get; init; }
}

/// <summary>Where rows come from.</summary>
public sealed record DatasetSpecification
{
    /// <summary>Name of the dataset, as runs show it.</summary>
    public required string Name { get; init; }

    /// <summary>"runs:/&lt;run id&gt;/&lt;artifact path&gt;" or "file:&lt;path&gt;" below a declared data root; may be empty when each job names its own.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>"parquet" (default) or "csv".</summary>
    public string Format { get; init; } = "parquet";

    /// <summary>One SELECT over the view "input" that gives event_time, the features' columns and the target; null takes the files as they are.</summary>
    public string? Prepare { get; init; }
}

/// <summary>Kinds of columns.</summary>
public enum ColumnKind
{
    /// <summary>A number; missing is NaN.</summary>
    Numeric,

    /// <summary>One of a set of values, compared as exact text.</summary>
    Categorical,
}

/// <summary>How a categorical feature becomes a number.</summary>
public enum CategoryEncoding
{
    /// <summary>Integers as they are, other values by their order in the training data. For trees.</summary>
    Ordinal,

    /// <summary>The smoothed mean of the target among the training rows of the category, computed out of fold while training. For trees.</summary>
    TargetMean,

    /// <summary>A column for each category of the training data. The only one for linear trainers.</summary>
    OneHot,
}

/// <summary>One feature.</summary>
public sealed record FeatureSpecification
{
    /// <summary>Name; of the input column, unless it is a cross.</summary>
    public required string Name { get; init; }

    /// <summary>Kind.</summary>
    public required ColumnKind Kind { get; init; }

    /// <summary>Numeric: values are moved into [low, high]; null for no limit.</summary>
    public (double Low, double High)? Clip { get; init; }

    /// <summary>Categorical: names of two categorical features whose pair this one is; null for an input column. A cross is made inside the model: callers don't send it.</summary>
    public (string First, string Second)? Cross { get; init; }

    /// <summary>Categorical: how it is encoded for trees. Default ordinal, for a cross target-mean.</summary>
    public CategoryEncoding Encode { get; init; }
}

/// <summary>What is predicted.</summary>
public sealed record TargetSpecification
{
    /// <summary>Name of the column.</summary>
    public required string Name { get; init; }

    /// <summary>Rows below are dropped and counted; null for no limit.</summary>
    public double? Min { get; init; }

    /// <summary>Rows above are dropped and counted; null for no limit.</summary>
    public double? Max { get; init; }
}

/// <summary>Kinds of trainers.</summary>
public enum TrainerKind
{
    /// <summary>Gradient-boosted trees by LightGBM; FastTree where its native library does not exist.</summary>
    LightGbm,

    /// <summary>Gradient-boosted trees by FastTree (MART).</summary>
    FastTree,

    /// <summary>Linear regression by stochastic dual coordinate ascent.</summary>
    Sdca,
}

/// <summary>A trainer with its hyper-parameters.</summary>
public sealed record TrainerSpecification
{
    /// <summary>Kind.</summary>
    public required TrainerKind Kind { get; init; }

    /// <summary>Trees, or passes over the data for SDCA; 1 to 10,000, default 200 (SDCA 20).</summary>
    public int Iterations { get; init; } = 200;

    /// <summary>Trees: 0.0001 to 1, default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Trees: most leaves of a tree; 2 to 4,096, default 31.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Trees: fewest rows of a leaf; 1 to 1,000,000, default 20.</summary>
    public int MinRowsPerLeaf { get; init; } = 20;

    /// <summary>SDCA: weight of the squared penalty; 1e-9 to 10, default 1e-5.</summary>
    public double L2 { get; init; } = 1e-5;
}

/// <summary>When a version may take the champion's place.</summary>
public sealed record GateSpecification
{
    /// <summary>"rmse" (default) or "mae".</summary>
    public string Metric { get; init; } = "rmse";

    /// <summary>Relative margin on the same unseen rows, 0 to 1; default 0.01.</summary>
    public double MinImprovement { get; init; } = 0.01;

    /// <summary>Fewest held-out rows; default 500.</summary>
    public long MinRows { get; init; } = 500;

    /// <summary>Whether the verdict on the training data must be good; default true.</summary>
    public bool RequireDataQuality { get; init; } = true;
}

/// <summary>When the pipeline runs by itself.</summary>
public sealed record RetrainSpecification
{
    /// <summary>Triggers: "alert", "schedule", "external".</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>Length of the training window, which ends at the alert. Default 31 days.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(31);

    /// <summary>Least time between two retrainings, on the alerts' event time. Default 1 day.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromDays(1);

    /// <summary>When inputs drift and the last retraining lies longer ago than this, on event time, that alone is a reason to retrain; null for never.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Jobs of the pipeline at once; 1 to 10, default 1.</summary>
    public int MaxInFlight { get; init; } = 1;

    /// <summary>Automatic jobs a day of real time; 1 to 1,000, default 24.</summary>
    public int DailyBudget { get; init; } = 24;

    /// <summary>Fewest labelled rows to train on; default 1,000.</summary>
    public long MinLabelledRows { get; init; } = 1000;
}

/// <summary>One broken rule of a specification.</summary>
/// <param name="Path">Where, for example "features[2].kind".</param>
/// <param name="Value">What is there, shortened.</param>
/// <param name="Rule">What would be right.</param>
public sealed record SpecificationFault(string Path, string Value, string Rule);
