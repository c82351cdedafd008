using System.Globalization;
using System.Text;
using System.Text.Json;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client.Models;

/// <summary>Writes the file "MLmodel" that tells MLflow's tools what lies in a model's folder, and describes ONNX models.</summary>
internal static class ModelFolder
{
    public const string Description = "MLmodel";

    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    public static ModelToLog OfOnnx(string file)
    {
        var onnx = OnnxModel.Read(file);
        return new ModelToLog
        {
            File = file,
            FileName = "model.onnx",
            Flavor = "onnx",
            FlavorSettings = new Dictionary<string, string> { ["opset"] = onnx.Opset.ToString(CultureInfo.InvariantCulture), ["producer"] = onnx.Producer },
            InputsJson = ToJson(onnx.Inputs),
            OutputsJson = ToJson(onnx.Outputs),
            Signature = new ModelSignature
            {
                Inputs =
                {
                    onnx.Inputs.Select(input => new SignatureColumn
                    {
                        Name = input.Name,
                        Kind = input.Type is "str" or "bool" ? ColumnKind.Categorical : ColumnKind.Numeric,
                        Required = true,
                    }),
                },
                Output = onnx.Outputs[0].Name,
            },
        };
    }

    /// <summary>The text of "MLmodel": YAML, whose every text is quoted as JSON quotes it, which YAML reads alike.</summary>
    public static string Describe(ModelToLog model, string artifactPath, string runId, DateTimeOffset now)
    {
        var text = new StringBuilder();
        text.Append("artifact_path: ").AppendLine(Quote(artifactPath));
        text.AppendLine("flavors:").Append("  ").Append(Quote(model.Flavor)).AppendLine(":");
        text.Append("    data: ").AppendLine(Quote(model.FileName));
        foreach (var (key, value) in model.FlavorSettings.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append("    ").Append(Quote(key)).Append(": ").AppendLine(Quote(value));
        }

        text.Append("model_uuid: ").AppendLine(Quote(Guid.CreateVersion7(now).ToString("N")));
        text.Append("run_id: ").AppendLine(Quote(runId));
        text.AppendLine("signature:").Append("  inputs: ").AppendLine(Quote(model.InputsJson));
        text.Append("  outputs: ").AppendLine(Quote(model.OutputsJson)).AppendLine("  params: null");
        text.Append("utc_time_created: ").AppendLine(Quote(now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)));
        return text.ToString();
    }

    private static string ToJson(IEnumerable<TensorSpec> tensors)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var tensor in tensors)
            {
                json.WriteStartObject();
                json.WriteString("name", tensor.Name);
                json.WriteString("type", "tensor");
                json.WriteStartObject("tensor-spec");
                json.WriteString("dtype", tensor.Type);
                json.WriteStartArray("shape");
                foreach (var size in tensor.Shape ?? [-1])
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
