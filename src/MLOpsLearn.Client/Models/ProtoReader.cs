using System.Text;

namespace MLOpsLearn.Client.Models;

/// <summary>Walks through the fields of a protobuf message in a stream without reading what nobody asks for.</summary>
internal sealed class ProtoReader(Stream stream)
{
    private const int MostText = 64 * 1024;

    public long Position => stream.Position;

    /// <summary>The next field before <paramref name="end"/>; null at the end. A field of a length is left to be read or skipped.</summary>
    public (int Number, int Wire)? NextField(long end)
    {
        if (stream.Position >= end)
        {
            return stream.Position == end ? null : throw Damaged("a field reaches beyond its message");
        }

        var tag = Varint();
        return tag >> 3 is > 0 and <= int.MaxValue ? ((int)(tag >> 3), (int)(tag & 7)) : throw Damaged($"{tag} is no field");
    }

    public ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = stream.ReadByte();
            if (next < 0)
            {
                throw Damaged("it ends within a field");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number has more than ten bytes");
    }

    /// <summary>Where the message ends that begins here.</summary>
    public long Length(long end)
    {
        var length = Varint();
        return length <= (ulong)Math.Max(0, end - stream.Position) ? stream.Position + (long)length : throw Damaged("a field reaches beyond its message");
    }

    public string Text(long end)
    {
        var length = Length(end) - stream.Position;
        if (length > MostText)
        {
            throw Damaged($"a name has {length} bytes");
        }

        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    public void Skip(int wire, long end)
    {
        var target = wire switch
        {
            0 => Varint() is var _ ? stream.Position : 0,
            1 => stream.Position + 8,
            2 => Length(end),
            5 => stream.Position + 4,
            _ => throw Damaged($"{wire} is no kind of field"),
        };
        stream.Position = target <= end ? target : throw Damaged("a field reaches beyond its message");
    }

    public static InvalidDataException Damaged(string why) => new($"This is no ONNX model, or a damaged one: {why}.");
}
