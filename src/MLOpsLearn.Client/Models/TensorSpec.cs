namespace MLOpsLearn.Client.Models;

/// <summary>One input or output of a model.</summary>
/// <param name="Name">As the model calls it.</param>
/// <param name="Type">An element type such as "float32", "int64" or "str"; "sequence" or "map" for what isn't a tensor.</param>
/// <param name="Shape">Size of each dimension, -1 where any is taken; null for what isn't a tensor, or when the model doesn't say.</param>
public sealed record TensorSpec(string Name, string Type, IReadOnlyList<long>? Shape);
