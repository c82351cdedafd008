using System.Text.Json;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Reading;

/// <summary>Takes texts out of a request's JSON, and says in the original's words what can't be one.</summary>
internal static class FieldTexts
{
    /// <summary>A text, or the refusal of one that is no Unicode, or that no database keeps. The path is asked for only then.</summary>
    public static string Of(JsonElement value, in MLflowFields fields, string field)
    {
        try
        {
            return Storable(value.GetString()!, fields, field);
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(fields, field);
        }
    }

    /// <summary>The same for the name of an entry.</summary>
    public static string NameOf(JsonProperty entry, in MLflowFields fields, string field)
    {
        try
        {
            return Storable(entry.Name, fields, field);
        }
        catch (InvalidOperationException)
        {
            throw NotUnicode(fields, field);
        }
    }

    public static MLflowException WrongType(JsonElement value, string path) => MLflowException.InvalidValue(
        path,
        value.GetRawText(),
        $" Hint: Value was of type '{PythonType(value)}'. See the API docs for more information about request parameters.");

    private static string PythonType(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "str",
        JsonValueKind.Number => value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? "int" : "float",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "dict",
        _ => "NoneType",
    };

    // No database of ours keeps the character NUL in a text.
    private static string Storable(string text, in MLflowFields fields, string field) => text.Contains('\0')
        ? throw MLflowException.Invalid($"Invalid value for parameter '{fields.PathOf(field)}' supplied: It must not contain the character NUL.")
        : text;

    private static MLflowException NotUnicode(in MLflowFields fields, string field) =>
        MLflowException.Invalid($"Invalid value for parameter '{fields.PathOf(field)}' supplied: It must be text of whole Unicode characters.");
}
