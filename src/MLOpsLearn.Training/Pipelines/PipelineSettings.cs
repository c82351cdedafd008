using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Training.Pipelines;

/// <summary>What the service itself needs of a specification; the rest is the worker's business.</summary>
/// <param name="Name">The pipeline's name.</param>
/// <param name="Model">The registered model that it makes versions of.</param>
/// <param name="Files">Inputs of a job that names none.</param>
/// <param name="Gate">The promotion policy that it declares; null when it leaves that to the registry.</param>
/// <param name="Retrain">When it starts by itself; null when never.</param>
internal sealed record PipelineSettings(string Name, string Model, IReadOnlyList<string> Files, PromotionPolicy? Gate, RetrainSettings? Retrain);

/// <summary>When a pipeline starts by itself, and on which rows.</summary>
/// <param name="OnAlert">Whether an alert on the model starts it.</param>
/// <param name="WindowStart">The start of the data window that ends at the given moment.</param>
/// <param name="CoolDown">Least time, in event time, between two retrainings.</param>
/// <param name="DailyBudget">Most automatic jobs within 24 hours.</param>
/// <param name="MinLabelledRows">Fewest labelled rows that a retraining may rest on.</param>
internal sealed record RetrainSettings(
    bool OnAlert, Func<DateTimeOffset, DateTimeOffset> WindowStart, TimeSpan CoolDown, int DailyBudget, long MinLabelledRows);
