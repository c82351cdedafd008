using System.Buffers.Binary;

namespace MLOpsLearn.Statistics.Sketches;

public sealed partial class QuantileSketch
{
    private const uint Magic = 0x314C4C4B;
    private const int HeaderBytes = 56;
    private const int LargestK = 1 << 16;

    /// <summary>
    /// The sketch as bytes, little-endian: "KLL1", k, levels, buffered values, count, seed, state, minimum, maximum, then for each level
    /// its length and values, then the buffered values.
    /// </summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderBytes + _levels.Sum(static level => 4 + 8 * level.Count) + 8 * _buffered];
        var rest = bytes.AsSpan();
        Put32(ref rest, Magic);
        Put32(ref rest, (uint)K);
        Put32(ref rest, (uint)_levels.Count);
        Put32(ref rest, (uint)_buffered);
        Put64(ref rest, (ulong)Count);
        Put64(ref rest, Seed);
        Put64(ref rest, _state);
        PutDouble(ref rest, Minimum);
        PutDouble(ref rest, Maximum);
        foreach (var level in _levels)
        {
            Put32(ref rest, (uint)level.Count);
            foreach (var value in level)
            {
                PutDouble(ref rest, value);
            }
        }

        for (var i = 0; i < _buffered; i++)
        {
            PutDouble(ref rest, _buffer[i]);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; a sketch read back goes on as if it had never been away.</summary>
    /// <exception cref="FormatException">The bytes are no sketch, or say of themselves what can't be.</exception>
    public static QuantileSketch FromBytes(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        if (bytes.Length < HeaderBytes || Take32(ref rest) != Magic)
        {
            throw new FormatException("These bytes are no quantile sketch of version 1.");
        }

        var (k, levels, buffered) = (Take32(ref rest), Take32(ref rest), Take32(ref rest));
        if (k is < SmallestLevel or > LargestK || levels is < 1 or > 62 || buffered > k)
        {
            throw new FormatException($"A sketch has no k = {k} with {levels} levels and {buffered} buffered values.");
        }

        var count = (long)Take64(ref rest);
        var sketch = new QuantileSketch((int)k, Take64(ref rest)) { Count = count };
        sketch._state = Take64(ref rest);
        (sketch.Minimum, sketch.Maximum) = (TakeDouble(ref rest), TakeDouble(ref rest));
        Int128 weight = buffered;
        for (var level = 0; level < levels; level++)
        {
            if (level > 0)
            {
                sketch._levels.Add([]);
            }

            var length = rest.Length >= 4 ? Take32(ref rest) : uint.MaxValue;
            if (length > rest.Length / 8)
            {
                throw new FormatException($"The sketch ends within level {level}.");
            }

            weight += (Int128)length << level;
            for (var i = 0; i < length; i++)
            {
                sketch._levels[level].Add(sketch.TakeHeld(ref rest));
            }
        }

        if (rest.Length != 8 * (int)buffered || weight != count)
        {
            throw new FormatException($"The sketch holds values for {weight} rows in {bytes.Length} bytes, but says it has taken {count}.");
        }

        for (var i = 0; i < buffered; i++)
        {
            sketch._buffer[sketch._buffered++] = sketch.TakeHeld(ref rest);
        }

        return sketch;
    }

    private static void Put32(ref Span<byte> rest, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(rest, value);
        rest = rest[4..];
    }

    private static void Put64(ref Span<byte> rest, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(rest, value);
        rest = rest[8..];
    }

    private static void PutDouble(ref Span<byte> rest, double value) => Put64(ref rest, BitConverter.DoubleToUInt64Bits(value));

    private static uint Take32(ref ReadOnlySpan<byte> rest)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(rest);
        rest = rest[4..];
        return value;
    }

    private static ulong Take64(ref ReadOnlySpan<byte> rest)
    {
        var value = BinaryPrimitives.ReadUInt64LittleEndian(rest);
        rest = rest[8..];
        return value;
    }

    private static double TakeDouble(ref ReadOnlySpan<byte> rest) => BitConverter.UInt64BitsToDouble(Take64(ref rest));

    private double TakeHeld(ref ReadOnlySpan<byte> rest)
    {
        var value = TakeDouble(ref rest);
        return value >= Minimum && value <= Maximum
            ? value
            : throw new FormatException($"The sketch holds {value}, outside its minimum {Minimum} and maximum {Maximum}.");
    }
}
