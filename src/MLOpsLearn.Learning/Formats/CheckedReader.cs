using System.Collections.Frozen;

namespace MLOpsLearn.Learning.Formats;

/// <summary>Reads values that were written by anybody: counts fit the file, enums are defined, numbers are finite.</summary>
internal sealed class CheckedReader(BinaryReader reader, Stream stream)
{
    public uint UInt32() => reader.ReadUInt32();

    public int Int32() => reader.ReadInt32();

    public long Int64() => reader.ReadInt64();

    public float Float() => reader.ReadSingle() is var value && float.IsFinite(value) ? value : throw new InvalidModelException("The model file holds a number that is not finite.");

    public double Double() => reader.ReadDouble() is var value && double.IsFinite(value) ? value : throw new InvalidModelException("The model file holds a number that is not finite.");

    public bool Flag() => reader.ReadByte() switch
    {
        0 => false,
        1 => true,
        _ => throw new InvalidModelException("The model file holds a flag that is neither 0 nor 1."),
    };

    public string Text()
    {
        var length = reader.Read7BitEncodedInt();
        if (length < 0 || length > stream.Length - stream.Position)
        {
            throw new InvalidModelException("The model file holds a text that is longer than the file.");
        }

        return new System.Text.UTF8Encoding(false, true).GetString(reader.ReadBytes(length));
    }

    public T Enum<T>() where T : struct, System.Enum
    {
        var value = (T)System.Enum.ToObject(typeof(T), reader.ReadByte());
        return System.Enum.IsDefined(value) ? value : throw new InvalidModelException($"The model file holds the unknown {typeof(T).Name} {value}.");
    }

    /// <summary>A count of things that take at least <paramref name="bytesEach"/> bytes.</summary>
    public int Count(int bytesEach)
    {
        var count = reader.ReadInt32();
        return count >= 0 && (long)count * bytesEach <= stream.Length - stream.Position
            ? count
            : throw new InvalidModelException($"The model file announces {count} entries, which it can't hold.");
    }

    public T[] Array<T>(int bytesEach, Func<CheckedReader, T> read)
    {
        var values = new T[Count(bytesEach)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = read(this);
        }

        return values;
    }

    public FrozenDictionary<TKey, TValue> Dictionary<TKey, TValue>(
        int bytesEach, Func<CheckedReader, TKey> readKey, Func<CheckedReader, TValue> readValue, IEqualityComparer<TKey> comparer)
        where TKey : notnull
    {
        var entries = new Dictionary<TKey, TValue>(comparer);
        for (var left = Count(bytesEach); left > 0; left--)
        {
            if (!entries.TryAdd(readKey(this), readValue(this)))
            {
                throw new InvalidModelException("The model file names an entry twice.");
            }
        }

        return entries.ToFrozenDictionary(comparer);
    }
}
