using System.Text.Json.Serialization;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training;

[JsonSerializable(typeof(IReadOnlyList<StepEntry>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class TrainingJsonContext : JsonSerializerContext;
