using System.Text;
using MLOpsLearn.Learning.FeatureEncoding;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Learning.Formats;

/// <summary>
/// The file of a fitted pipeline: a mark, a format version, signature, encoders, scorer, and the mark again. Every count is held against what
/// the file can still contain before anything is allocated, so a hostile file costs no more than its own length.
/// </summary>
public static class FittedPipelineFormat
{
    /// <summary>Usual name of the file in a model's folder.</summary>
    public const string FileName = "model.bin";

    private const uint Mark = 0x504F4C4D;
    private const int Version = 1;
    private const long MaxBytes = 1024L * 1024 * 1024;

    private enum EncoderKind : byte
    {
        Number = 1,
        Category = 2,
        IntegerCategory = 3,
        Pair = 4,
    }

    private enum ScorerKind : byte
    {
        Trees = 1,
        Linear = 2,
    }

    /// <summary>Writes a pipeline. Equal pipelines give equal bytes.</summary>
    public static void Write(FittedPipeline pipeline, Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Mark);
        writer.Write(Version);
        writer.Write((byte)pipeline.Trainer);
        writer.Write(pipeline.Seed);
        writer.Write(pipeline.Signature.Output);
        writer.Write(pipeline.Signature.Inputs.Count);
        foreach (var input in pipeline.Signature.Inputs)
        {
            writer.Write(input.Name);
            writer.Write((byte)input.Kind);
            writer.Write(input.Required);
        }

        writer.Write(pipeline.Encoders.Count);
        foreach (var encoder in pipeline.Encoders)
        {
            WriteEncoder(writer, encoder);
        }

        WriteScorer(writer, pipeline.Scorer);
        writer.Write(Mark);
    }

    /// <summary>Reads a pipeline from a stream that can be sought.</summary>
    /// <exception cref="InvalidModelException">The file is no model, is damaged, or was made by a newer version.</exception>
    public static FittedPipeline Read(Stream stream)
    {
        if (stream.Length > MaxBytes)
        {
            throw new InvalidModelException($"The model file has {stream.Length} bytes, more than {MaxBytes}.");
        }

        using var binary = new BinaryReader(stream, new UTF8Encoding(false, true), leaveOpen: true);
        try
        {
            return Read(new CheckedReader(binary, stream));
        }
        catch (Exception exception) when (exception is EndOfStreamException or FormatException or DecoderFallbackException or ArgumentException)
        {
            throw new InvalidModelException($"The model file is damaged near byte {stream.Position}: {exception.Message}");
        }
    }

    private static FittedPipeline Read(CheckedReader reader)
    {
        if (reader.UInt32() != Mark)
        {
            throw new InvalidModelException("The file is not a model of ours: its mark is missing.");
        }

        if (reader.Int32() is var version && version != Version)
        {
            throw new InvalidModelException($"The model file has format {version}; this build reads {Version}. Use the build that made it, or train again.");
        }

        var trainer = reader.Enum<TrainerKind>();
        var seed = reader.Int32();
        var output = reader.Text();
        var inputs = new List<SignatureInput>();
        for (var left = reader.Count(3); left > 0; left--)
        {
            inputs.Add(new SignatureInput(reader.Text(), reader.Enum<ColumnKind>(), reader.Flag()));
        }

        var encoders = new List<FeatureEncoder>();
        for (var left = reader.Count(1); left > 0; left--)
        {
            encoders.Add(ReadEncoder(reader, inputs));
        }

        var scorer = ReadScorer(reader, encoders.Count);
        if (reader.UInt32() != Mark)
        {
            throw new InvalidModelException("The model file is cut off or has something behind its end.");
        }

        return new FittedPipeline(new ModelSignature(inputs, output), trainer, seed, encoders, scorer);
    }

    private static void WriteEncoder(BinaryWriter writer, FeatureEncoder encoder)
    {
        switch (encoder)
        {
            case FeatureEncoder.Number number:
                writer.Write((byte)EncoderKind.Number);
                writer.Write(number.Input);
                writer.Write(number.Low);
                writer.Write(number.High);
                writer.Write(number.Missing);
                break;
            case FeatureEncoder.Category category:
                writer.Write((byte)EncoderKind.Category);
                writer.Write(category.Input);
                writer.Write(category.Unseen);
                writer.Write(category.Values.Count);
                foreach (var (text, value) in category.Values.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    writer.Write(text);
                    writer.Write(value);
                }

                break;
            case FeatureEncoder.IntegerCategory integer:
                writer.Write((byte)EncoderKind.IntegerCategory);
                writer.Write(integer.Input);
                writer.Write(integer.Unseen);
                break;
            case FeatureEncoder.Pair pair:
                writer.Write((byte)EncoderKind.Pair);
                writer.Write(pair.First);
                writer.Write(pair.Second);
                writer.Write(pair.Unseen);
                WriteIndex(writer, pair.FirstIndex);
                WriteIndex(writer, pair.SecondIndex);
                writer.Write(pair.Values.Count);
                foreach (var (key, value) in pair.Values.OrderBy(entry => entry.Key))
                {
                    writer.Write(key);
                    writer.Write(value);
                }

                break;
        }
    }

    private static void WriteIndex(BinaryWriter writer, IReadOnlyDictionary<string, int> index)
    {
        writer.Write(index.Count);
        foreach (var (text, at) in index.OrderBy(pair => pair.Value))
        {
            writer.Write(text);
            writer.Write(at);
        }
    }

    private static FeatureEncoder ReadEncoder(CheckedReader reader, List<SignatureInput> inputs)
    {
        switch (reader.Enum<EncoderKind>())
        {
            case EncoderKind.Number:
                return new FeatureEncoder.Number(Input(ColumnKind.Numeric), reader.Float(), reader.Float(), reader.Float()) is { } number && number.Low <= number.High
                    ? number
                    : throw new InvalidModelException("The limits of a number in the model file are turned round.");
            case EncoderKind.Category:
                {
                    var (input, unseen) = (Input(ColumnKind.Categorical), reader.Float());
                    return new FeatureEncoder.Category(input, reader.Dictionary(5, r => r.Text(), r => r.Float(), StringComparer.Ordinal), unseen);
                }

            case EncoderKind.IntegerCategory:
                return new FeatureEncoder.IntegerCategory(Input(ColumnKind.Categorical), reader.Float());
            default:
                {
                    var (first, second, unseen) = (Input(ColumnKind.Categorical), Input(ColumnKind.Categorical), reader.Float());
                    return new FeatureEncoder.Pair(
                        first,
                        second,
                        reader.Dictionary(5, r => r.Text(), r => r.Int32(), StringComparer.Ordinal),
                        reader.Dictionary(5, r => r.Text(), r => r.Int32(), StringComparer.Ordinal),
                        reader.Dictionary(12, r => r.Int64(), r => r.Float(), EqualityComparer<long>.Default),
                        unseen);
                }
        }

        int Input(ColumnKind kind) => reader.Int32() is var input && input >= 0 && input < inputs.Count && inputs[input].Kind == kind
            ? input
            : throw new InvalidModelException($"An encoder in the model file names input {input}, which is not {kind}.");
    }

    private static void WriteScorer(BinaryWriter writer, IScorer scorer)
    {
        switch (scorer)
        {
            case TreeEnsemble trees:
                writer.Write((byte)ScorerKind.Trees);
                writer.Write(trees.Bias);
                WriteAll(writer, trees.Roots, writer.Write);
                WriteAll(writer, trees.Feature, writer.Write);
                WriteAll(writer, trees.Threshold, writer.Write);
                WriteAll(writer, trees.Left, writer.Write);
                WriteAll(writer, trees.Right, writer.Write);
                WriteAll(writer, trees.Leaves, writer.Write);
                break;
            case LinearModel linear:
                writer.Write((byte)ScorerKind.Linear);
                writer.Write(linear.Bias);
                WriteAll(writer, linear.Weights, writer.Write);
                break;
        }
    }

    private static void WriteAll<T>(BinaryWriter writer, T[] values, Action<T> write)
    {
        writer.Write(values.Length);
        foreach (var value in values)
        {
            write(value);
        }
    }

    private static IScorer ReadScorer(CheckedReader reader, int features)
    {
        if (reader.Enum<ScorerKind>() == ScorerKind.Linear)
        {
            var linear = new LinearModel(reader.Double(), reader.Array(8, r => r.Double()));
            return linear.Weights.Length == features
                ? linear
                : throw new InvalidModelException($"The model file has {linear.Weights.Length} weights for {features} features.");
        }

        var bias = reader.Double();
        var trees = new TreeEnsemble(
            features,
            bias,
            reader.Array(4, r => r.Int32()),
            reader.Array(4, r => r.Int32()),
            reader.Array(4, r => r.Float()),
            reader.Array(4, r => r.Int32()),
            reader.Array(4, r => r.Int32()),
            reader.Array(8, r => r.Double()));
        return trees.BrokenRule() is { } rule ? throw new InvalidModelException($"The model file is damaged: {rule}.") : trees;
    }
}
