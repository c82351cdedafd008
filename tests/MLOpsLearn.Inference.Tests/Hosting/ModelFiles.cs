using System.Text;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>
/// Model files whose predictions can be worked out by hand: <c>10,000 × version + distance + zone</c>, where a zone that is no integer counts -1
/// and a missing distance 0. So a prediction tells which version made it.
/// </summary>
internal static class ModelFiles
{
    private static readonly SignatureInput[] Usual =
    [
        new("distance", ColumnKind.Numeric),
        new("zone", ColumnKind.Categorical),
        new("note", ColumnKind.Categorical, Required: false),
    ];

    public static byte[] Version(int version) => Write(version, Usual);

    /// <summary>A version that wants a column which the usual ones don't have.</summary>
    public static byte[] WithSpeed(int version) => Write(version, [.. Usual, new SignatureInput("speed", ColumnKind.Numeric)]);

    public static FittedPipeline Pipeline(int version)
    {
        using var stream = new MemoryStream(Version(version));
        return FittedPipelineFormat.Read(stream);
    }

    /// <summary>A pipeline of numbers only, to make rows wide.</summary>
    public static FittedPipeline Wide(int columns)
    {
        using var stream = new MemoryStream(Write(
            1, [new("distance", ColumnKind.Numeric), new("zone", ColumnKind.Categorical), .. Enumerable.Range(0, columns).Select(i => new SignatureInput($"n{i}", ColumnKind.Numeric))]));
        return FittedPipelineFormat.Read(stream);
    }

    public static double Expected(int version, double distance, long zone) => (10_000 * version) + distance + zone;

    private static byte[] Write(int version, SignatureInput[] inputs)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(0x504F4C4Du);
        writer.Write(1);
        writer.Write((byte)TrainerKind.Sdca);
        writer.Write(7);
        writer.Write("duration");
        writer.Write(inputs.Length);
        foreach (var input in inputs)
        {
            writer.Write(input.Name);
            writer.Write((byte)input.Kind);
            writer.Write(input.Required);
        }

        writer.Write(2);
        writer.Write((byte)1);
        writer.Write(0);
        writer.Write(-1e6f);
        writer.Write(1e6f);
        writer.Write(0f);
        writer.Write((byte)3);
        writer.Write(1);
        writer.Write(-1f);
        writer.Write((byte)2);
        writer.Write(10_000d * version);
        writer.Write(2);
        writer.Write(1d);
        writer.Write(1d);
        writer.Write(0x504F4C4Du);
        return stream.ToArray();
    }
}
