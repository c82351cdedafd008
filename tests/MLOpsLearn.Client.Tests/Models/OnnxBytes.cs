using Google.Protobuf;

namespace MLOpsLearn.Client.Tests.Models;

/// <summary>Writes the part of ONNX's ModelProto that tells inputs and outputs.</summary>
internal static class OnnxBytes
{
    public static byte[] Model(string input, string weight, string output)
    {
        var graph = Message(writer =>
        {
            Field(writer, 5, Message(tensor =>
            {
                Field(tensor, 9, new byte[64]);
                Field(tensor, 8, System.Text.Encoding.UTF8.GetBytes(weight));
            }));
            Field(writer, 11, Value(input, 1, [0, 3]));
            Field(writer, 11, Value(weight, 1, [16]));
            Field(writer, 12, Value(output, 11, [0, 1]));
        });
        return Message(writer =>
        {
            Number(writer, 1, 8);
            Field(writer, 2, "tests"u8.ToArray());
            Field(writer, 7, graph);
            Field(writer, 8, Message(opset => Number(opset, 2, 17)));
        });
    }

    private static byte[] Value(string name, int type, int[] shape) => Message(value =>
    {
        Field(value, 1, System.Text.Encoding.UTF8.GetBytes(name));
        Field(value, 2, Message(kind => Field(kind, 1, Message(tensor =>
        {
            Number(tensor, 1, type);
            Field(tensor, 2, Message(dimensions =>
            {
                foreach (var size in shape)
                {
                    Field(dimensions, 1, size > 0 ? Message(dimension => Number(dimension, 1, size)) : Message(dimension => Field(dimension, 2, "n"u8.ToArray())));
                }
            }));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    private static void Field(CodedOutputStream writer, int number, byte[] bytes)
    {
        writer.WriteTag(number, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(ByteString.CopyFrom(bytes));
    }

    private static void Number(CodedOutputStream writer, int number, int value)
    {
        writer.WriteTag(number, WireFormat.WireType.Varint);
        writer.WriteInt32(value);
    }
}
