using System.Text;
using System.Text.Json;
using Grpc.Core;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLOpsLearn.Client.Models;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client.MLNet;

/// <summary>Logs models of ML.NET.</summary>
public static class MLNetRunExtensions
{
    /// <summary>Logs a fitted ML.NET model with the signature of its schemas, as a folder that has "model.zip" and "MLmodel".</summary>
    /// <param name="run">The run that made it.</param>
    /// <param name="context">ML.NET's context, which knows how the model is saved.</param>
    /// <param name="model">The model.</param>
    /// <param name="inputSchema">Schema of the data that it takes; hidden columns are left out.</param>
    /// <param name="path">Its folder in the run.</param>
    /// <param name="registerAs">Name of the registered model that gets it as its next version; null registers nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The version; null when nothing is registered.</returns>
    /// <exception cref="RpcException">It could not be registered: UNAVAILABLE when the server is away; the model itself is logged.</exception>
    public static async Task<ModelVersion?> LogModelAsync(
        this ActiveRun run,
        MLContext context,
        ITransformer model,
        DataViewSchema inputSchema,
        string path = "model",
        string? registerAs = null,
        CancellationToken cancellationToken = default)
    {
        var folder = Directory.CreateTempSubdirectory("mlopslearn-model-");
        try
        {
            var file = Path.Combine(folder.FullName, "model.zip");
            context.Model.Save(model, inputSchema, file);
            var inputs = Visible(inputSchema).ToList();
            var known = inputs.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
            var outputs = Visible(model.GetOutputSchema(inputSchema)).Where(column => !known.Contains(column.Name)).ToList();
            return await run.LogModelAsync(
                new ModelToLog
                {
                    File = file,
                    FileName = "model.zip",
                    Flavor = "mlnet",
                    FlavorSettings = new Dictionary<string, string> { ["mlnet_version"] = typeof(MLContext).Assembly.GetName().Version?.ToString(3) ?? "" },
                    InputsJson = ToJson(inputs),
                    OutputsJson = ToJson(outputs),
                    Signature = new ModelSignature
                    {
                        Inputs = { inputs.Select(column => new SignatureColumn { Name = column.Name, Kind = KindOf(column.Type), Required = true }) },
                        Output = outputs.Select(column => column.Name).OrderBy(name => name == "Score").LastOrDefault() ?? "",
                    },
                },
                path,
                registerAs,
                cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<DataViewSchema.Column> Visible(DataViewSchema schema) => schema.Where(column => !column.IsHidden);

    private static ColumnKind KindOf(DataViewType type) =>
        ((type as VectorDataViewType)?.ItemType ?? type) is TextDataViewType or BooleanDataViewType or KeyDataViewType ? ColumnKind.Categorical : ColumnKind.Numeric;

    private static string ToJson(IEnumerable<DataViewSchema.Column> columns)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var column in columns)
            {
                json.WriteStartObject();
                json.WriteString("name", column.Name);
                if (column.Type is VectorDataViewType vector)
                {
                    json.WriteString("type", "tensor");
                    json.WriteStartObject("tensor-spec");
                    json.WriteString("dtype", TypeOf(vector.ItemType, forTensor: true));
                    json.WriteStartArray("shape");
                    json.WriteNumberValue(-1);
                    foreach (var size in vector.Dimensions)
                    {
                        json.WriteNumberValue(size > 0 ? size : -1);
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }
                else
                {
                    json.WriteString("type", TypeOf(column.Type, forTensor: false));
                    json.WriteBoolean("required", true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    // The names that MLflow's signatures have for types.
    private static string TypeOf(DataViewType type, bool forTensor) => type switch
    {
        NumberDataViewType when type.RawType == typeof(float) => forTensor ? "float32" : "float",
        NumberDataViewType when type.RawType == typeof(double) => forTensor ? "float64" : "double",
        NumberDataViewType when type.RawType == typeof(long) || type.RawType == typeof(uint) || type.RawType == typeof(ulong) => forTensor ? "int64" : "long",
        NumberDataViewType => forTensor ? "int32" : "integer",
        KeyDataViewType => forTensor ? "int64" : "long",
        BooleanDataViewType => forTensor ? "bool" : "boolean",
        TextDataViewType => forTensor ? "str" : "string",
        DateTimeDataViewType or DateTimeOffsetDataViewType => forTensor ? "datetime64[ns]" : "datetime",
        _ => type.RawType.Name,
    };
}
