namespace MLOpsLearn.Client;

/// <summary>The server refused something that was logged, or it could be kept nowhere. What else was logged is stored.</summary>
/// <param name="message">For people: what and why.</param>
/// <param name="refusals">Each refused value with the server's reason.</param>
/// <param name="cause">What lies behind it.</param>
public sealed class RunLogException(string message, IReadOnlyList<string> refusals, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Each refused value with the server's reason; at most the first 100.</summary>
    public IReadOnlyList<string> Refusals { get; } = refusals;
}
