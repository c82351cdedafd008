using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>A value that a run measured of a logged model. Dataset and digest are empty when none was named.</summary>
internal readonly record struct ModelMetric(string ModelId, LoggedValue Value, string DatasetName, string DatasetDigest);
