using System.Text;

namespace MLOpsLearn.Statistics.Derived;

/// <summary>
/// Explicit steps before text becomes categories. Without them equality is ordinal: "Berlin", "berlin", " Berlin" and composed or
/// decomposed accents are four different categories. Add <see cref="Identity"/> to the identity of what is computed afterwards.
/// </summary>
/// <param name="Normalise">Unicode normalisation form C. A process in invariant globalization mode lacks its tables: <see cref="Apply"/> throws there.</param>
/// <param name="Trim">Removes white space at both ends.</param>
/// <param name="FoldCase">Lower case by the invariant rules.</param>
public sealed record TextPreprocessing(bool Normalise = false, bool Trim = false, bool FoldCase = false)
{
    /// <summary>For example <c>pre=nfc|trim|lower</c>; empty without any step.</summary>
    public string Identity
    {
        get
        {
            string[] steps = [.. new[] { Normalise ? "nfc" : "", Trim ? "trim" : "", FoldCase ? "lower" : "" }.Where(step => step.Length > 0)];
            return steps.Length == 0 ? string.Empty : $"pre={string.Join('|', steps)}";
        }
    }

    /// <summary>Whether this process can normalise: not in invariant globalization mode, where the framework leaves text as it is.</summary>
    public static bool CanNormalise { get; } = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    /// <summary>Applies the steps in the order of the identity; null stays null. Text with lone surrogates is not normalised.</summary>
    /// <exception cref="PlatformNotSupportedException">Text is to be normalised, and the process can't.</exception>
    public string? Apply(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (Normalise && !CanNormalise)
        {
            throw new PlatformNotSupportedException("Normalisation needs Unicode data, which a process in invariant globalization mode lacks.");
        }

        if (Normalise && IsWellFormed(text))
        {
            text = text.Normalize(NormalizationForm.FormC);
        }

        text = Trim ? text.Trim() : text;
        return FoldCase ? text.ToLowerInvariant() : text;
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
