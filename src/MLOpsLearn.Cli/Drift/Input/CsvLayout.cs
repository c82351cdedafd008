using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>
/// How a csv file is laid out: its first line names the columns, fields may be quoted with ". Every line was looked at, so that a
/// broken one is named by its number in the file and nothing is guessed around it.
/// </summary>
internal sealed record CsvLayout
{
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <summary>The file to read, in UTF-8: the user's own, or a copy.</summary>
    public required string File { get; init; }

    public required char Delimiter { get; init; }

    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Said to the user when the text was not UTF-8; null otherwise.</summary>
    public string? Note { get; init; }

    /// <exception cref="CommandException">The text is broken; the message says in which line.</exception>
    public static CsvLayout Of(string path, bool zipped, byte[] head, string scratch, CancellationToken cancellationToken)
    {
        var (file, note) = (Path.GetFullPath(path), (string?)null);
        if (zipped)
        {
            file = Copy(path, scratch, source => new GZipStream(source, CompressionMode.Decompress), Utf8, cancellationToken);
            using var unzipped = System.IO.File.OpenRead(file);
            head = new byte[Math.Min(4096, unzipped.Length)];
            unzipped.ReadExactly(head);
        }

        if (Wide(head) is { } encoding)
        {
            (file, note) = (Copy(file, scratch, source => source, encoding, cancellationToken), $"'{path}' is {encoding.WebName.ToUpperInvariant()} text");
        }
        else if (head.AsSpan().Contains((byte)0))
        {
            throw new CommandException($"'{path}' is not csv, whatever its name says: it holds bytes that no text has.");
        }

        if (!CsvScan.IsUtf8(file, cancellationToken))
        {
            file = Copy(file, scratch, source => source, Encoding.Latin1, cancellationToken);
            note = $"'{path}' is not UTF-8 and was read as Latin-1";
        }

        var (delimiter, columns) = CsvHeader.Read(path, file);
        CsvScan.Check(path, file, delimiter, columns.Count, cancellationToken);
        return new() { File = file, Delimiter = delimiter, Columns = columns, Note = note };
    }

    // UTF-16 by its mark, or by the zero bytes of its Latin letters.
    private static Encoding? Wide(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        [not 0, 0, not 0, 0, ..] => Encoding.Unicode,
        [0, not 0, 0, not 0, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    private static string Copy(string path, string scratch, Func<Stream, Stream> open, Encoding encoding, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(scratch, $"{Directory.GetFiles(scratch).Length.ToString(CultureInfo.InvariantCulture)}.csv");
        using var source = System.IO.File.OpenRead(path);
        using var from = open(source);
        using var to = System.IO.File.Create(copy);
        if (encoding is UTF8Encoding)
        {
            from.CopyTo(to);
            return copy;
        }

        using var reader = new StreamReader(from, encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        using var writer = new StreamWriter(to, Utf8, bufferSize: 1 << 16);
        var buffer = new char[1 << 16];
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(buffer.AsSpan(0, read));
        }

        return copy;
    }
}
