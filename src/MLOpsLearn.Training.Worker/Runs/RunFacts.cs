using System.Globalization;
using System.Reflection;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Training.Worker.Assignments;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Worker.Runs;

/// <summary>What a run remembers of a training: enough to do it again, and to see what came out.</summary>
internal static class RunFacts
{
    /// <summary>Tags with the first and the last event time among the rows that the model was trained on.</summary>
    public const string TrainedFromTag = "mlopslearn.trained_from";
    public const string TrainedToTag = "mlopslearn.trained_to";

    private static readonly string[] LoggedPackages = ["Microsoft.ML.Core", "Microsoft.ML.FastTree", "Microsoft.ML.LightGbm", "DuckDB.NET.Data"];

    public static LogBatchRequest Gather(
        Assignment assignment, PipelineSpecification specification, IReadOnlyList<InputFile> files, RowSplit split, TrainingResult result, string runId)
    {
        var batch = new LogBatchRequest { RunId = runId };
        AddParams(batch, assignment, specification);
        AddTags(batch, assignment, specification, split, result);
        AddMetrics(batch, specification, split, result);
        var source = string.Join(", ", files.Select(file => $"{file.Uri} (sha256 {file.Sha256})"));
        batch.Datasets.Add(DatasetOf(specification, split.Training, result.TrainingSha256, source, "training"));
        batch.Datasets.Add(DatasetOf(specification, split.HeldOut, result.HeldOutSha256, source, "evaluation"));
        return batch;
    }

    public static string Text(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static void AddParams(LogBatchRequest batch, Assignment assignment, PipelineSpecification specification)
    {
        var trainer = specification.Trainer;
        batch.Params["trainer"] = trainer.Kind.ToString().ToLowerInvariant();
        batch.Params["iterations"] = Text(trainer.Iterations);
        if (trainer.Kind == TrainerKind.Sdca)
        {
            batch.Params["l2"] = Text(trainer.L2);
        }
        else
        {
            batch.Params["learning_rate"] = Text(trainer.LearningRate);
            batch.Params["leaves"] = Text(trainer.Leaves);
            batch.Params["min_rows_per_leaf"] = Text(trainer.MinRowsPerLeaf);
        }

        batch.Params["holdout"] = Text(specification.Holdout);
        batch.Params["target"] = specification.Target.Name;
        batch.Params["features"] = Shorten(string.Join(", ", specification.Features.Select(feature => feature.Name)));
        batch.Params["pipeline_version"] = Text(assignment.PipelineVersion);
        if (assignment.Input.Window is { } window)
        {
            batch.Params["window_start"] = Text(window.Start.ToDateTime());
            batch.Params["window_end"] = Text(window.End.ToDateTime());
        }
    }

    private static void AddTags(
        LogBatchRequest batch, Assignment assignment, PipelineSpecification specification, RowSplit split, TrainingResult result)
    {
        var version = typeof(RunFacts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        batch.Tags["mlopslearn.version"] = version;
        // The build writes "<version>+<commit>" when it knew the commit.
        if (version.Split('+') is [_, { Length: > 0 } commit])
        {
            batch.Tags["mlopslearn.git_commit"] = commit;
        }

        foreach (var name in LoggedPackages)
        {
            if (AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(assembly => assembly.GetName().Name == name) is { } assembly)
            {
                batch.Tags[$"package.{name}"] =
                    assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "";
            }
        }

        batch.Tags["mlopslearn.dotnet"] = Environment.Version.ToString();
        batch.Tags["mlopslearn.seed"] = Text(specification.Seed);
        batch.Tags["mlopslearn.attempt"] = Text(assignment.Attempt);
        batch.Tags["mlopslearn.trigger_id"] = assignment.Trigger.Id.Length > 0 ? assignment.Trigger.Id : "none";
        batch.Tags["mlopslearn.trigger_reason"] = Shorten(assignment.Trigger.Reason);
        batch.Tags[TrainedFromTag] = Text(split.Training.Times[0]);
        batch.Tags[TrainedToTag] = Text(split.Training.Times[^1]);
        batch.Tags["mlopslearn.rows"] = $"{split.Training.Count} training, {split.HeldOut.Count} held out, {split.Training.DroppedText}";
        foreach (var (key, note) in result.Notes)
        {
            batch.Tags[key] = Shorten(note);
        }
    }

    private static void AddMetrics(LogBatchRequest batch, PipelineSpecification specification, RowSplit split, TrainingResult result)
    {
        AddMetrics(batch, specification, "", result.HeldOut);
        AddMetrics(batch, specification, "training_", result.Training);
        Add(batch, "fit_seconds", (result.FitEnded - result.FitStarted).TotalSeconds);
        Add(batch, "training_rows", split.Training.Count);
        Add(batch, "heldout_rows", split.HeldOut.Count);
        Add(batch, "dropped_rows", split.Training.Dropped.Values.Sum());
        Add(batch, "champion_rmse", result.Champion?.Rmse);
        Add(batch, "champion_mae", result.Champion?.Mae);
        Add(batch, "baseline_rmse", result.Baseline?.Rmse);
    }

    private static void AddMetrics(LogBatchRequest batch, PipelineSpecification specification, string prefix, RegressionMetrics metrics)
    {
        foreach (var (name, value) in metrics.ByName().Where(metric => specification.Metrics.Contains(metric.Key)))
        {
            Add(batch, prefix + name, value);
        }
    }

    private static void Add(LogBatchRequest batch, string key, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            batch.Metrics.Add(new Metric { Key = key, Value = number });
        }
    }

    private static Dataset DatasetOf(PipelineSpecification specification, PreparedRows rows, string sha256, string source, string context) => new()
    {
        Name = specification.Dataset.Name,
        Digest = sha256[..32],
        Sha256 = sha256,
        Source = Shorten(source),
        Rows = rows.Count,
        Context = context,
    };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Shorten(string text) => text.Length <= 2000 ? text : text[..2000];
}
