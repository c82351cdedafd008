using System.Text;

namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>A file the user named, after a look at its first and last bytes: DuckDB only gets to read what it says it is.</summary>
/// <param name="Path">As the user wrote it, for messages.</param>
/// <param name="Allowed">What DuckDB may open.</param>
/// <param name="Csv">How the text is laid out; null for parquet.</param>
internal sealed record InputFile(string Path, string Allowed, CsvLayout? Csv)
{
    private const int Head = 4096;

    /// <param name="path">Parquet, or csv (also .tsv and .txt, plain or .gz).</param>
    /// <param name="scratch">Folder for a copy of text that is not plain UTF-8.</param>
    /// <param name="cancellationToken">Ends the look at a long file.</param>
    /// <exception cref="CommandException">The file is missing, empty, cut off, broken, or not what its name says.</exception>
    public static InputFile Open(string path, string scratch, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new CommandException($"'{path}' is a folder; name one parquet or csv file.");
        }

        if (!File.Exists(path))
        {
            throw new CommandException(path.AsSpan().IndexOfAny('*', '?') >= 0
                ? $"'{path}' is a pattern and no file; name one parquet or csv file."
                : $"There is no file '{path}'.");
        }

        try
        {
            return Look(path, scratch, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CommandException($"'{path}' can't be read: {exception.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static InputFile Look(string path, string scratch, CancellationToken cancellationToken)
    {
        // Opening a pipe would wait for its writer. A pipe and a device have no length, like an empty file.
        if (new FileInfo(path).Length == 0)
        {
            throw new CommandException($"'{path}' is empty, or a pipe or device, which can't be read twice.");
        }

        var name = path.ToLowerInvariant();
        var zipped = name.EndsWith(".gz", StringComparison.Ordinal);
        var kind = System.IO.Path.GetExtension(zipped ? name[..^3] : name);
        if (kind is not (".parquet" or ".pq" or ".csv" or ".tsv" or ".txt") || (zipped && kind is ".parquet" or ".pq"))
        {
            throw new CommandException($"'{path}' is neither .parquet nor .csv (.tsv, .txt, also with .gz).");
        }

        var (head, tail) = Ends(path);
        if (kind is ".parquet" or ".pq")
        {
            CheckParquet(path, head, tail);
            return new(path, System.IO.Path.GetFullPath(path), null);
        }

        if (head.AsSpan().StartsWith("PAR1"u8))
        {
            throw new CommandException($"'{path}' is parquet, not csv; its name has to end in .parquet.");
        }

        var csv = CsvLayout.Of(path, zipped, head, scratch, cancellationToken);
        return new(path, csv.File, csv);
    }

    private static void CheckParquet(string path, byte[] head, byte[] tail)
    {
        if (head.AsSpan().StartsWith("PARE"u8))
        {
            throw new CommandException($"'{path}' is an encrypted parquet file, which can't be read.");
        }

        if (!head.AsSpan().StartsWith("PAR1"u8))
        {
            throw new CommandException($"'{path}' is not parquet, whatever its name says: it begins with '{Printable(head)}'.");
        }

        if (!tail.AsSpan().SequenceEqual("PAR1"u8))
        {
            throw new CommandException($"'{path}' is cut off: a parquet file ends with its directory, and this one does not.");
        }
    }

    private static (byte[] Head, byte[] Tail) Ends(string path)
    {
        using var file = File.OpenRead(path);
        var head = new byte[Math.Min(Head, file.Length)];
        file.ReadExactly(head);
        var tail = new byte[Math.Min(4, file.Length)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        return (head, tail);
    }

    private static string Printable(byte[] head)
    {
        var text = new StringBuilder();
        foreach (var letter in Encoding.Latin1.GetString(head.AsSpan(0, Math.Min(12, head.Length))))
        {
            text.Append(letter is >= ' ' and <= '~' ? letter : '.');
        }

        return text.ToString();
    }
}
