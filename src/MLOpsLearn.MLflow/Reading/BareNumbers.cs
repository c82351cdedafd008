using System.Text;

namespace MLOpsLearn.MLflow.Reading;

/// <summary>Python writes NaN, Infinity and -Infinity bare into JSON, which has no such numbers; in quotes they are what clients may send.</summary>
internal static class BareNumbers
{
    private static readonly byte[][] Words = ["NaN"u8.ToArray(), "-Infinity"u8.ToArray(), "Infinity"u8.ToArray()];

    /// <summary>The text with such numbers in quotes; null when it has none.</summary>
    public static byte[]? Quote(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return null;
        }

        using var result = new MemoryStream(json.Length + 64);
        var inText = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (inText && c == (byte)'\\' && i + 1 < json.Length)
            {
                result.WriteByte(c);
                result.WriteByte(json[++i]);
                continue;
            }

            if (c == (byte)'"')
            {
                inText = !inText;
            }

            if (!inText && WordAt(json[i..]) is { } word)
            {
                result.Write(Encoding.ASCII.GetBytes('"' + Encoding.ASCII.GetString(word) + '"'));
                i += word.Length - 1;
                continue;
            }

            result.WriteByte(c);
        }

        return result.ToArray();
    }

    private static byte[]? WordAt(ReadOnlySpan<byte> rest)
    {
        foreach (var word in Words)
        {
            if (rest.StartsWith(word))
            {
                return word;
            }
        }

        return null;
    }
}
