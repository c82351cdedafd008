using System.Globalization;
using System.Text;

namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>The first line of a csv file: its delimiter, and the names of the columns.</summary>
internal static class CsvHeader
{
    private const string Delimiters = ",;\t|";
    private const int LongestHeader = 4 << 20;

    /// <exception cref="CommandException">There is no header, or it names a column twice.</exception>
    public static (char Delimiter, IReadOnlyList<string> Columns) Read(string path, string file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8);
        var (fields, delimiter) = (new List<string>(), '\0');
        var buffer = new char[1 << 16];
        var text = new StringBuilder();
        for (int read; text.Length < LongestHeader && (read = reader.Read(buffer)) > 0;)
        {
            text.Append(buffer, 0, read);
            if (Record(text.ToString()) is { } record)
            {
                delimiter = Delimiters.MaxBy(candidate => Split(record, candidate).Count);
                fields = Split(record, delimiter);
                break;
            }
        }

        if (fields.Count == 0)
        {
            // No line end at all: a header without rows, or something that is no table.
            var record = text.ToString();
            delimiter = Delimiters.MaxBy(candidate => Split(record, candidate).Count);
            fields = Split(record, delimiter);
        }

        if (fields.TrueForAll(field => double.TryParse(field, CultureInfo.InvariantCulture, out _)))
        {
            throw new CommandException($"'{path}' has no header: its first line holds only numbers, and should name the columns.");
        }

        var names = fields.ConvertAll(field => field.Trim());
        for (var i = 0; i < names.Count; i++)
        {
            // Data frames are often written with a nameless first column of row numbers.
            names[i] = names[i].Length == 0 ? FormattableString.Invariant($"column {i + 1}") : names[i];
        }

        var twice = names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1)?.Key;
        return twice is null ? (delimiter, names) : throw new CommandException($"'{path}' names the column '{twice}' twice.");
    }

    // Up to the first line end outside quotes; null when there is none yet.
    private static string? Record(string text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (!quoted && text[i] is '\n' or '\r')
            {
                return text[..i];
            }
        }

        return null;
    }

    private static List<string> Split(string record, char delimiter)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < record.Length; i++)
        {
            if (record[i] == '"')
            {
                // A doubled quote inside quotes is a quote.
                if (quoted && i + 1 < record.Length && record[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (record[i] == delimiter && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(record[i]);
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
