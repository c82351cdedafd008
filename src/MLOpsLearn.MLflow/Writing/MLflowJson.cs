using System.Text.Json;

namespace MLOpsLearn.MLflow.Writing;

/// <summary>Values as MLflow prints them: what was never set is left out, whole numbers are numbers, NaN is text.</summary>
public static class MLflowJson
{
    /// <summary>Writes a text field unless it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Writes a number field unless it is null.</summary>
    public static void WriteOptional(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    /// <summary>Writes a number; NaN as "NaN", infinities as the greatest numbers there are, as the original's database keeps them.</summary>
    public static void WriteDouble(this Utf8JsonWriter writer, ReadOnlySpan<byte> name, double value)
    {
        if (double.IsNaN(value))
        {
            writer.WriteString(name, "NaN"u8);
            return;
        }

        writer.WriteNumber(name, double.IsPositiveInfinity(value) ? double.MaxValue : double.IsNegativeInfinity(value) ? double.MinValue : value);
    }

    /// <summary>Writes <c>[{"key", "value"}]</c> under a name; nothing when there are none.</summary>
    public static void WritePairs(this Utf8JsonWriter writer, string name, IReadOnlyCollection<KeyValuePair<string, string>> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var (key, value) in pairs)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, key);
            writer.WriteString("value"u8, value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
