namespace MLOpsLearn.Client;

/// <summary>What became of a spool.</summary>
/// <param name="Runs">Runs whose spool is empty now.</param>
/// <param name="Entries">Batches and files that the server took.</param>
/// <param name="Left">Runs that still hold something: the server is away, or another process has them in use.</param>
/// <param name="Refusals">What the server refused, with its reason; it stays in the run's folder as a file ending in ".refused".</param>
public sealed record SpoolReplay(int Runs, int Entries, int Left, IReadOnlyList<string> Refusals);
