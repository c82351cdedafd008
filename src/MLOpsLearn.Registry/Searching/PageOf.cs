namespace MLOpsLearn.Registry.Searching;

/// <summary>A page of what a search found.</summary>
/// <param name="Items">The rows.</param>
/// <param name="NextToken">Empty on the last page.</param>
internal sealed record PageOf<T>(IReadOnlyList<T> Items, string NextToken);
