using System.Buffers.Binary;

namespace MLOpsLearn.Registry.Promotion;

/// <summary>
/// Walks the footer of a parquet file before the library's parser does. That one descends into nested values by recursion, so that a footer of
/// a few kilobytes could overflow the stack and take the whole process with it; no catch helps there.
/// </summary>
internal static class ParquetFooter
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxDepth = 32;
    private const int TailBytes = 8;

    /// <returns>What is wrong with the footer; null when it may be parsed. The stream is at its start again.</returns>
    public static string? Fault(Stream file)
    {
        if (file.Length < 12)
        {
            return "it is too short";
        }

        Span<byte> tail = stackalloc byte[TailBytes];
        file.Position = file.Length - TailBytes;
        file.ReadExactly(tail);
        var length = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8))
        {
            return "it does not end as a parquet file does, or is encrypted";
        }

        if (length <= 0 || length > MaxBytes || length > file.Length - 12)
        {
            return $"its footer has {length} bytes";
        }

        var footer = new byte[length];
        file.Position = file.Length - TailBytes - length;
        file.ReadExactly(footer);
        file.Position = 0;
        return new CompactWalker(footer).SkipStruct(0) ? null : $"its footer is broken, or nested deeper than {MaxDepth} levels";
    }

    /// <summary>Skips values of Thrift's compact protocol without building anything. False where the bytes end or nest too deep.</summary>
    private ref struct CompactWalker(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public bool SkipStruct(int depth)
        {
            if (depth > MaxDepth)
            {
                return false;
            }

            while (TryByte(out var header))
            {
                if (header == 0)
                {
                    return true;
                }

                // A field id that is no small step from the last one follows by itself.
                if ((header >> 4 == 0 && !TryVarint(out _)) || !SkipValue(header & 0x0F, depth, isElement: false))
                {
                    return false;
                }
            }

            return false;
        }

        private bool SkipValue(int type, int depth, bool isElement) => type switch
        {
            // In a field the type itself is the truth value; in a list it takes a byte.
            1 or 2 => !isElement || Skip(1),
            3 => Skip(1),
            4 or 5 or 6 => TryVarint(out _),
            7 => Skip(8),
            8 => TryVarint(out var length) && Skip(length),
            9 or 10 => SkipList(depth + 1),
            11 => SkipMap(depth + 1),
            12 => SkipStruct(depth + 1),
            _ => false,
        };

        private bool SkipList(int depth)
        {
            if (depth > MaxDepth || !TryByte(out var header))
            {
                return false;
            }

            var count = (ulong)(header >> 4);
            return (count != 15 || TryVarint(out count)) && SkipElements(count, header & 0x0F, null, depth);
        }

        private bool SkipMap(int depth)
        {
            if (depth > MaxDepth || !TryVarint(out var count))
            {
                return false;
            }

            return count == 0 || (TryByte(out var types) && SkipElements(count, types >> 4, types & 0x0F, depth));
        }

        private bool SkipElements(ulong count, int type, int? second, int depth)
        {
            // Each element takes a byte at least, so a count beyond the bytes is a lie that a reader might believe and reserve memory for.
            if (count > (ulong)_rest.Length)
            {
                return false;
            }

            for (var i = 0UL; i < count; i++)
            {
                if (!SkipValue(type, depth, isElement: true) || (second is { } other && !SkipValue(other, depth, isElement: true)))
                {
                    return false;
                }
            }

            return true;
        }

        private bool TryByte(out byte value)
        {
            value = _rest.IsEmpty ? (byte)0 : _rest[0];
            return Skip(1);
        }

        private bool TryVarint(out ulong value)
        {
            value = 0;
            for (var shift = 0; shift < 70; shift += 7)
            {
                if (!TryByte(out var part))
                {
                    return false;
                }

                value |= shift < 64 ? (ulong)(part & 0x7F) << shift : 0;
                if (part < 0x80)
                {
                    return true;
                }
            }

            return false;
        }

        private bool Skip(ulong count)
        {
            if (count > (ulong)_rest.Length)
            {
                return false;
            }

            _rest = _rest[(int)count..];
            return true;
        }
    }
}
