using System.Globalization;

namespace MLOpsLearn.Tracking.Data;

/// <summary>LIKE: "%" stands for any text, "_" for one character; nothing else is special.</summary>
internal static class LikePattern
{
    /// <summary>Time is at most the product of the two lengths, whatever the pattern.</summary>
    public static bool IsMatch(string? text, string? pattern, long ignoreCase)
    {
        if (text is null || pattern is null)
        {
            return false;
        }

        var (t, p, star, mark) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%')
            {
                (star, mark) = (p++, t);
            }
            else if (p < pattern.Length && (pattern[p] == '_' || Same(text[t], pattern[p], ignoreCase != 0)))
            {
                // One character may be two of our units.
                t += pattern[p] == '_' && char.IsHighSurrogate(text[t]) && t + 1 < text.Length ? 2 : 1;
                p++;
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool Same(char a, char b, bool ignoreCase) =>
        a == b || (ignoreCase && CultureInfo.InvariantCulture.TextInfo.ToLower(a) == CultureInfo.InvariantCulture.TextInfo.ToLower(b));
}
