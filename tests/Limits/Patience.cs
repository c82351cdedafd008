namespace MLOpsLearn.Limits;

/// <summary>Limits that only a fault reaches: far more than a slow and busy machine needs, since a wait that succeeds costs nothing of them.</summary>
internal static class Patience
{
    /// <summary>Of a whole test, what it starts and takes down included.</summary>
    public const int TestMinutes = 10;

    /// <summary>Of a single wait within a test.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromMinutes(2);
}
