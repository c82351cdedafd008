namespace MLOpsLearn.Client.Models;

/// <summary>What an ONNX file says of itself.</summary>
/// <param name="Inputs">What it takes, without the weights that old files list there too.</param>
/// <param name="Outputs">What it gives.</param>
/// <param name="Producer">The program that wrote it; may be empty.</param>
/// <param name="Opset">Version of the standard operators; 0 when it doesn't say.</param>
public sealed record OnnxModel(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<TensorSpec> Outputs, string Producer, long Opset)
{
    /// <summary>Reads the head of an ONNX file; its weights are skipped, so the memory doesn't depend on the file's size.</summary>
    /// <param name="stream">The file, from its first byte; must be able to seek.</param>
    /// <exception cref="InvalidDataException">It is no ONNX model.</exception>
    public static OnnxModel Read(Stream stream)
    {
        var reader = new OnnxReader(stream);
        return reader.ReadModel();
    }

    /// <summary>As the other.</summary>
    /// <exception cref="InvalidDataException">It is no ONNX model.</exception>
    public static OnnxModel Read(string file)
    {
        using var stream = File.OpenRead(file);
        return Read(stream);
    }
}
