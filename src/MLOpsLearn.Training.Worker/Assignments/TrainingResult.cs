using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Scoring;

namespace MLOpsLearn.Training.Worker.Assignments;

/// <summary>A model, and how it and its rivals did.</summary>
internal sealed record TrainingResult(
    FittedPipeline Pipeline,
    DateTimeOffset FitStarted,
    DateTimeOffset FitEnded,
    RegressionMetrics HeldOut,
    RegressionMetrics Training,
    RegressionMetrics? Champion,
    RegressionMetrics? Baseline,
    string TrainingSha256,
    string HeldOutSha256,
    IReadOnlyDictionary<string, string> Notes);
