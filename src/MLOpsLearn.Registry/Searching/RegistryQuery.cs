namespace MLOpsLearn.Registry.Searching;

/// <summary>What is searched for.</summary>
/// <param name="Filter">In MLflow's grammar; null or empty lets everything through.</param>
/// <param name="OrderBy">Entries like "name DESC".</param>
/// <param name="MaxResults">Most rows of the page.</param>
/// <param name="PageToken">Of an earlier page, or null.</param>
/// <param name="IsWide">Whether OR, parentheses and lists may be used too.</param>
internal sealed record RegistryQuery(string? Filter, IReadOnlyList<string> OrderBy, int MaxResults, string? PageToken, bool IsWide);
