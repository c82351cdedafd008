namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>What a clause means, as slowly and plainly as it can be written.</summary>
internal static class Naive
{
    public static bool Matches(string? value, string op, string pattern) => value is not null && op.ToUpperInvariant() switch
    {
        "=" => value == pattern,
        "!=" => value != pattern,
        "LIKE" => Like(value, pattern),
        _ => Like(LowerAscii(value), LowerAscii(pattern)),
    };

    private static bool Like(string text, string pattern) => pattern.Length == 0
        ? text.Length == 0
        : pattern[0] switch
        {
            '%' => Enumerable.Range(0, text.Length + 1).Any(skip => Like(text[skip..], pattern[1..])),
            '_' => text.Length > 0 && Like(text[1..], pattern[1..]),
            var c => text.Length > 0 && text[0] == c && Like(text[1..], pattern[1..]),
        };

    private static string LowerAscii(string text) => string.Concat(text.Select(c => char.IsAsciiLetterUpper(c) ? char.ToLowerInvariant(c) : c));
}
