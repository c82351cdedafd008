using System.Buffers;
using System.Text.Unicode;

namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>One pass over the bytes of a csv file that finds the first broken line, and counts lines as an editor does.</summary>
internal static class CsvScan
{
    private const int Block = 1 << 20;

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    public static bool IsUtf8(string file, CancellationToken cancellationToken)
    {
        using var stream = File.OpenRead(file);
        var buffer = new byte[Block];
        var kept = 0;
        for (int read; (read = stream.Read(buffer, kept, Block - kept)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var all = buffer.AsSpan(0, kept + read);
            var tail = Unfinished(all);
            if (!Utf8.IsValid(all[..^tail]))
            {
                return false;
            }

            all[^tail..].CopyTo(buffer);
            kept = tail;
        }

        return kept == 0;
    }

    /// <exception cref="CommandException">A line has more or fewer values than the header, or a quote is never closed.</exception>
    public static void Check(string path, string file, char delimiter, int columns, CancellationToken cancellationToken)
    {
        var special = SearchValues.Create([(byte)delimiter, (byte)'"', (byte)'\n', (byte)'\r', 0]);
        using var stream = File.OpenRead(file);
        var buffer = new byte[Block];
        SkipMark(stream, buffer);
        var (state, line, recordLine, quoteLine, fields, empty, carriage) = (State.FieldStart, 1L, 1L, 0L, 1, true, false);
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = buffer.AsSpan(0, read);
            for (var i = 0; i < block.Length; i++)
            {
                var next = block[i];
                if (carriage && next == '\n')
                {
                    carriage = false;
                    continue;
                }

                carriage = false;
                switch (state)
                {
                    case State.Quoted when next == '"':
                        state = State.QuoteInQuoted;
                        break;
                    case State.Quoted:
                        line += next == '\n' ? 1 : 0;
                        var quote = block[i..].IndexOfAny((byte)'"', (byte)'\n');
                        i += quote < 0 ? block.Length - i : Math.Max(quote - 1, 0);
                        break;
                    case State.QuoteInQuoted when next == '"':
                        state = State.Quoted;
                        break;
                    case State.FieldStart when next == '"':
                        (state, quoteLine, empty) = (State.Quoted, line, false);
                        break;
                    case var _ when next == delimiter:
                        (state, fields, empty) = (State.FieldStart, fields + 1, false);
                        break;
                    case var _ when next is (byte)'\n' or (byte)'\r':
                        End();
                        (state, carriage, line) = (State.FieldStart, next == '\r', line + 1);
                        (recordLine, fields, empty) = (line, 1, true);
                        break;
                    case var _ when next == 0:
                        throw new CommandException($"'{path}' line {line}: a byte that no text has; the file is damaged.");
                    case State.QuoteInQuoted:
                        throw new CommandException($"'{path}' line {line}: text after a closing quote.");
                    default:
                        (state, empty) = (State.Plain, false);
                        var stop = block[i..].IndexOfAny(special);
                        i += stop < 0 ? block.Length - i : Math.Max(stop - 1, 0);
                        break;
                }
            }
        }

        if (state == State.Quoted)
        {
            throw new CommandException($"'{path}' line {quoteLine}: a quote is opened and never closed.");
        }

        End();

        void End()
        {
            // An empty line, often the last one, is no row.
            if (!empty && fields != columns)
            {
                throw new CommandException($"'{path}' line {recordLine}: {fields} {(fields == 1 ? "value" : "values")} where the header names {columns}.");
            }
        }
    }

    // The three bytes that some programs put before UTF-8 text.
    private static void SkipMark(FileStream stream, byte[] buffer)
    {
        stream.Position = stream.Read(buffer, 0, 3) == 3 && buffer.AsSpan(0, 3).SequenceEqual("\uFEFF"u8) ? 3 : 0;
    }

    // Bytes of a character that the block cuts in two.
    private static int Unfinished(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var value = bytes[^back];
            if (value >= 0xC0)
            {
                return (value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2) > back ? back : 0;
            }

            if (value < 0x80)
            {
                return 0;
            }
        }

        return 0;
    }
}
