using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Reading;

/// <summary>
/// The fields of one object of a request, read as protobuf's JSON mapping reads them: snake_case or camelCase names, numbers also as
/// strings, null as absent, unknown fields ignored. What has the wrong type is refused in the original's words.
/// </summary>
public readonly struct MLflowFields
{
    private static readonly ConcurrentDictionary<string, string> CamelNames = new(StringComparer.Ordinal);

    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly int _index;
    private readonly bool _fromQuery;

    internal MLflowFields(JsonElement element, string prefix, bool fromQuery, int index = -1) =>
        (_object, _prefix, _fromQuery, _index) = (element, prefix, fromQuery, index);

    /// <summary>The path of a field in messages, for example "metrics[3].key".</summary>
    public string PathOf(string name) => _prefix.Length == 0 ? name
        : _index < 0 ? $"{_prefix}.{name}"
        : string.Create(CultureInfo.InvariantCulture, $"{_prefix}[{_index}].{name}");

    /// <summary>Whether the field came with a value other than null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>Text; null when the field is absent.</summary>
    public string? String(string name) => TryGet(name, out var value) ? StringOf(value, name) : null;

    /// <summary>Text that must be there and not be empty.</summary>
    public string RequiredString(string name) => String(name) is { Length: > 0 } text ? text : throw Missing(name);

    /// <summary>A 64-bit whole number, also as text or as 3.0; null when the field is absent.</summary>
    public long? Long(string name) => TryGet(name, out var value) ? LongOf(value, name) : null;

    /// <summary>A 64-bit whole number that must be there.</summary>
    public long RequiredLong(string name) => Long(name) ?? throw Missing(name);

    /// <summary>A 32-bit whole number; null when the field is absent.</summary>
    public int? Int(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        var number = LongOf(value, name);
        return number is >= int.MinValue and <= int.MaxValue ? (int)number : throw FieldTexts.WrongType(value, PathOf(name));
    }

    /// <summary>A number, also as text, "NaN", "Infinity", "-Infinity"; true counts as 1. Must be there.</summary>
    public double RequiredDouble(string name) => TryGet(name, out var value) ? DoubleOf(value, name) : throw Missing(name);

    /// <summary>True or false; null when the field is absent. In a query also as text in any case.</summary>
    public bool? Bool(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when _fromQuery && bool.TryParse(StringOf(value, name), out var flag) => flag,
            _ => throw FieldTexts.WrongType(value, PathOf(name)),
        };
    }

    /// <summary>An enumeration by its name, or by its number; null when the field is absent.</summary>
    /// <param name="name">The field.</param>
    /// <param name="names">The names, in order of their numbers from <paramref name="first"/>.</param>
    /// <param name="first">Number of the first name.</param>
    /// <param name="unknownIsAbsent">Whether a name that there is not counts as absent, as the original has it for some fields.</param>
    public string? Enum(string name, ReadOnlySpan<string> names, int first = 1, bool unknownIsAbsent = false)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            var text = StringOf(value, name);
            foreach (var known in names)
            {
                if (known == text)
                {
                    return known;
                }
            }

            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                return unknownIsAbsent ? null : throw FieldTexts.WrongType(value, PathOf(name));
            }
        }

        var number = LongOf(value, name) - first;
        return number >= 0 && number < names.Length ? names[(int)number] : throw FieldTexts.WrongType(value, PathOf(name));
    }

    /// <summary>A list of texts; empty when the field is absent. A key that stands once in a query is a list of one.</summary>
    public List<string> Strings(string name)
    {
        var list = new List<string>();
        if (!TryGet(name, out var value, takeFirst: false))
        {
            return list;
        }

        var path = PathOf(name);
        if (_fromQuery && value.ValueKind == JsonValueKind.String)
        {
            list.Add(StringOf(value, name));
            return list;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw FieldTexts.WrongType(value, path);
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            list.Add(item.ValueKind == JsonValueKind.String ? StringOf(item, name) : throw FieldTexts.WrongType(item, $"{path}[{index}]"));
            index++;
        }

        return list;
    }

    /// <summary>A list of objects; empty when the field is absent.</summary>
    public MLflowFields[] Objects(string name)
    {
        if (!TryGet(name, out var value, takeFirst: false))
        {
            return [];
        }

        var path = PathOf(name);
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw FieldTexts.WrongType(value, path);
        }

        var list = new MLflowFields[value.GetArrayLength()];
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            list[index] = item.ValueKind == JsonValueKind.Object
                ? new MLflowFields(item, path, _fromQuery, index)
                : throw FieldTexts.WrongType(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"));
            index++;
        }

        return list;
    }

    /// <summary>The entries of an object whose values are texts; empty when the field is absent.</summary>
    public List<KeyValuePair<string, string>> Map(string name)
    {
        var list = new List<KeyValuePair<string, string>>();
        if (Object(name) is not { } map)
        {
            return list;
        }

        foreach (var entry in map._object.EnumerateObject())
        {
            list.Add(new(FieldTexts.NameOf(entry, this, name), StringOf(entry.Value, name)));
        }

        return list;
    }

    /// <summary>A nested object; null when the field is absent.</summary>
    public MLflowFields? Object(string name) => !TryGet(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? new MLflowFields(value, PathOf(name), _fromQuery)
        : throw FieldTexts.WrongType(value, PathOf(name));

    /// <summary>The error for a field that must be there.</summary>
    public MLflowException Missing(string name) => MLflowException.Invalid(
        $"Missing value for required parameter '{PathOf(name)}'. See the API docs for more information about request parameters.");

    private bool TryGet(string name, out JsonElement value, bool takeFirst = true)
    {
        if (_object.ValueKind != JsonValueKind.Object
            || (!_object.TryGetProperty(name, out value) && !(name.Contains('_', StringComparison.Ordinal) && _object.TryGetProperty(CamelNames.GetOrAdd(name, CamelCase), out value))))
        {
            value = default;
            return false;
        }

        if (_fromQuery && takeFirst && value.ValueKind == JsonValueKind.Array)
        {
            value = value[0];
        }

        return value.ValueKind != JsonValueKind.Null;
    }

    private static string CamelCase(string name)
    {
        Span<char> text = stackalloc char[name.Length];
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            text[length++] = name[i] == '_' && i + 1 < name.Length ? char.ToUpperInvariant(name[++i]) : name[i];
        }

        return new string(text[..length]);
    }

    private string StringOf(JsonElement value, string name) => value.ValueKind == JsonValueKind.String
        ? FieldTexts.Of(value, this, name)
        : throw FieldTexts.WrongType(value, PathOf(name));

    private long LongOf(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var whole))
        {
            return whole;
        }

        if (value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : StringOf(value, name);
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
            {
                return whole;
            }

            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsInteger(number) && number is >= -9223372036854774784d and <= 9223372036854774784d)
            {
                return (long)number;
            }
        }

        throw FieldTexts.WrongType(value, PathOf(name));
    }

    private double DoubleOf(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => StringOf(value, name) switch
        {
            "NaN" or "nan" => double.NaN,
            "Infinity" or "inf" => double.PositiveInfinity,
            "-Infinity" or "-inf" => double.NegativeInfinity,
            var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw FieldTexts.WrongType(value, PathOf(name)),
        },
        _ => throw FieldTexts.WrongType(value, PathOf(name)),
    };
}
