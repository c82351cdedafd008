using System.Globalization;
using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.Tracking.Retention;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>MLflow's rules for names, values and numbers, with its words for what breaks them.</summary>
internal static partial class Checks
{
    public const int LongestKey = 250;
    private const int LongestParam = 6000;
    private const int LongestTag = 8000;
    private const int LongestExperimentTag = 5000;

    /// <summary>Whether a key needs no closer look: short, of plain characters, and no path.</summary>
    public static bool IsPlainKey(string key)
    {
        if (key.Length is 0 or > LongestKey || key[0] == '.')
        {
            return false;
        }

        foreach (var c in key)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.' or ' ' or ':'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The key of a metric, a param or a tag: its characters, and that it is a plain relative path.</summary>
    /// <param name="path">The field in messages, for example "metrics[3].name".</param>
    /// <param name="key">The key.</param>
    /// <param name="lengthName">What messages about its length call it.</param>
    public static void Key(string path, string key, string lengthName)
    {
        if (!KeyPattern().IsMatch(key))
        {
            throw MLflowException.InvalidValue(
                path, Json(key),
                "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).");
        }

        var plain = Normalized(key);
        if (plain != key || plain == "." || plain.StartsWith("..", StringComparison.Ordinal) || plain.StartsWith('/'))
        {
            throw MLflowException.InvalidValue(
                path, Json(key),
                "Names may be treated as files in certain cases, and must not resolve to other names when treated as such. "
                + $"This name would resolve to '{plain}'");
        }

        Length(lengthName, key, LongestKey);
    }

    /// <summary>The key of a tag that comes with a new experiment or run: any text, which the original takes there too.</summary>
    public static void NewTagKey(string key) => Length("key", key, LongestKey);

    public static string Param(string value) => Shortened(value, LongestParam);

    public static string Tag(string value) => Shortened(value, LongestTag);

    /// <summary>What an experiment's tag may hold; some of ours are rules.</summary>
    public static void ExperimentTagValue(string key, string value)
    {
        Length("value", value, LongestExperimentTag);
        if (RetentionRules.BrokenRule(key, value) is { } rule)
        {
            throw MLflowException.Invalid($"Invalid value {Json(value)} for tag '{key}' supplied: It {rule}.");
        }
    }

    public static void Length(string name, string value, int most)
    {
        if (value.Length > most)
        {
            throw MLflowException.Invalid($"'{name}' exceeds the maximum length of {most} characters");
        }
    }

    public static void Timestamp(string path, string key, double value, long timestamp)
    {
        if (timestamp < 0)
        {
            throw MLflowException.InvalidValue(
                path,
                timestamp.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"metric '{key}' (value={value}). Timestamp must be a nonnegative long (64-bit integer) "));
        }
    }

    public static void RunId(string runId)
    {
        if (!RunIdPattern().IsMatch(runId))
        {
            throw MLflowException.InvalidValue("run_id", Json(runId));
        }
    }

    /// <summary>The id of a logged model.</summary>
    public static string ModelId(string modelId) =>
        modelId.Length <= 34 ? modelId : throw MLflowException.InvalidValue("model_id", Json(modelId), "It must have at most 34 characters.");

    /// <summary>The id of an experiment: a whole number.</summary>
    public static long ExperimentId(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw MLflowException.Invalid($"Invalid experiment ID '{(text.Length <= 100 ? text : text[..100] + "…")}'. Experiment ID must be a valid integer.");

    /// <summary>How many rows to answer with.</summary>
    public static int MaxResults(long? given, int otherwise, int most)
    {
        var number = given ?? otherwise;
        return number < 1 ? throw MLflowException.Invalid($"Invalid value {number} for parameter 'max_results' supplied. It must be a positive integer")
            : number > most ? throw MLflowException.Invalid($"Invalid value {number} for parameter 'max_results' supplied. It must be at most {most}")
            : (int)number;
    }

    /// <summary>The run that a call is about: "run_id", or its old name "run_uuid".</summary>
    public static string RunIdOf(MLflowFields fields) =>
        fields.String("run_id") is { Length: > 0 } id ? id : fields.String("run_uuid") is { Length: > 0 } old ? old : throw fields.Missing("run_id");

    public static string Json(string text) => MLflowKeys.Quote(text.Length <= 250 ? text : text[..250]);

    private static string Shortened(string value, int most)
    {
        if (value.Length <= most)
        {
            return value;
        }

        // Not in the middle of a character.
        return value[..(char.IsHighSurrogate(value[most - 1]) ? most - 1 : most)];
    }

    /// <summary>The path as a posix system would resolve it.</summary>
    private static string Normalized(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part == ".")
            {
                continue;
            }

            if (part != ".." || (parts.Count == 0 && path[0] != '/') || (parts.Count > 0 && parts[^1] == ".."))
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        // Two slashes at the beginning, and only two, are something of their own there.
        var root = path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("///", StringComparison.Ordinal) ? "//" : path[0] == '/' ? "/" : "";
        var result = root + string.Join('/', parts);
        return result.Length == 0 ? "." : result;
    }

    [GeneratedRegex(@"^[/\w.\- :]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"^[a-zA-Z0-9][\w\-]{0,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RunIdPattern();
}
