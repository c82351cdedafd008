using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Reading;

/// <summary>What keys of metrics, params and tags may look like, and how long texts may be.</summary>
public static partial class MLflowKeys
{
    private const string Alphabet =
        "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE: other characters, or a path that would be another one when read as such.</exception>
    public static void Check(string field, string key)
    {
        if (!Allowed().IsMatch(key))
        {
            throw MLflowException.InvalidValue(field, Quote(key), Alphabet);
        }

        if (Resolved(key) is { } resolved)
        {
            throw MLflowException.InvalidValue(
                field,
                Quote(key),
                $"Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to {resolved}");
        }
    }

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE when a text is longer than its field allows.</exception>
    public static void CheckLength(string what, string text, int limit)
    {
        if (text.Length > limit)
        {
            throw MLflowException.Invalid($"'{what}' exceeds the maximum length of {limit} characters");
        }
    }

    /// <summary>A text as JSON, for messages.</summary>
    public static string Quote(string text) => JsonValue.Create(text).ToJsonString(MessageJson);

    /// <summary>What a name becomes when it is read as a path, in quotes; null when it stays as it is.</summary>
    public static string? Resolved(string name)
    {
        var parts = new List<string>();
        var isRooted = name.StartsWith('/');
        foreach (var part in name.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".." || !isRooted)
            {
                parts.Add(part);
            }
        }

        var path = (isRooted ? "/" : "") + string.Join('/', parts);
        path = path.Length == 0 ? "." : path;
        return path != name || path == "." || path.StartsWith("..", StringComparison.Ordinal) || isRooted ? $"'{path}'" : null;
    }

    private static readonly System.Text.Json.JsonSerializerOptions MessageJson = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"^[/\w.\- :]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Allowed();
}
