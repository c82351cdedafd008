using System.Text;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Derived;

/// <summary>
/// What of a text column can be compared: length in Unicode code points (an emoji outside the BMP counts 1, a family emoji several),
/// number of words, and the share of empty texts. Null is missing; the empty text is a text of length 0.
/// </summary>
public sealed record TextColumn
{
    /// <summary>Identity of the derived length.</summary>
    public const string LengthColumn = "length(unit=code-point)";

    /// <summary>Identity of the derived number of words.</summary>
    public const string WordsColumn = "words(split=unicode-whitespace)";

    private TextColumn(NumericSample length, NumericSample words, double? emptyShare) =>
        (Length, Words, EmptyShare) = (length, words, emptyShare);

    /// <summary>Code points of each text.</summary>
    public NumericSample Length { get; }

    /// <summary>Words of each text.</summary>
    public NumericSample Words { get; }

    /// <summary>Empty texts / texts; null without any text.</summary>
    public double? EmptyShare { get; }

    /// <summary>Derives the columns.</summary>
    public static TextColumn Create(IEnumerable<string?> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var (lengths, words) = (new List<double?>(), new List<double?>());
        long present = 0, empty = 0;
        foreach (var text in texts)
        {
            lengths.Add(text is null ? null : CountCodePoints(text));
            words.Add(text is null ? null : CountWords(text));
            present += text is null ? 0 : 1;
            empty += text is { Length: 0 } ? 1 : 0;
        }

        return new(NumericSample.Create(lengths), NumericSample.Create(words), present == 0 ? null : (double)empty / present);
    }

    /// <summary>Unicode code points; a lone surrogate counts 1.</summary>
    public static int CountCodePoints(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    /// <summary>Maximal runs of characters that are not White_Space.</summary>
    public static int CountWords(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var (count, inside) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var space = Rune.IsWhiteSpace(rune);
            count += !space && !inside ? 1 : 0;
            inside = !space;
        }

        return count;
    }
}
