namespace Aspire.Hosting.Engine;

/// <summary>How names of resources become names of variables.</summary>
internal static class Names
{
    /// <summary>"model-registry" → "MODEL_REGISTRY".</summary>
    public static string Variable(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
