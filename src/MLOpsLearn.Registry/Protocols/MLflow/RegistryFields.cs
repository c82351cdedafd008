using System.Globalization;
using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary>Reads the fields that calls of the registry have in common, by the original's rules.</summary>
internal static partial class RegistryFields
{
    /// <summary>The name of a model that should exist.</summary>
    public static string ModelName(this MLflowFields fields)
    {
        var name = fields.RequiredString("name");
        CheckModelName("name", name);
        return ModelNames.CanBeStored(name) ? name : throw RegistryWords.NoModel(name);
    }

    /// <summary>A name that a model may take.</summary>
    public static string NewModelName(this MLflowFields fields, string field)
    {
        var name = fields.RequiredString(field);
        CheckModelName(field, name);
        return ModelNames.CanBeStored(name) ? name : throw MLflowException.InvalidValue(field, MLflowKeys.Quote(name), "Registered model name must have at most 1000 bytes");
    }

    private static void CheckModelName(string field, string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.AsSpan().IndexOfAny('/', ':') >= 0)
        {
            throw MLflowException.InvalidValue(field, MLflowKeys.Quote(name), "Registered model name must not be blank, and must not contain '/' or ':'");
        }

        if (MLflowKeys.Resolved(name) is { } resolved)
        {
            throw MLflowException.InvalidValue(
                field,
                MLflowKeys.Quote(name),
                $"Names may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to {resolved}");
        }
    }

    /// <summary>The number of a version that should exist.</summary>
    public static int VersionOf(this MLflowFields fields, string name)
    {
        var text = fields.RequiredString("version");
        if (!System.Numerics.BigInteger.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number))
        {
            throw MLflowException.Invalid($"Parameter 'version' must be an integer, got '{text}'.");
        }

        return number > 0 && number <= int.MaxValue ? (int)number : throw RegistryWords.NoVersion(name, text);
    }

    /// <summary>A stage in any case.</summary>
    public static string Stage(string stage) => VersionStages.Find(stage)
        ?? throw MLflowException.Invalid($"Invalid Model Version stage: {stage}. Value must be one of {string.Join(", ", VersionStages.All)}.");

    /// <summary>Tags of a model or a version to be made; of equal keys the last counts.</summary>
    public static Dictionary<string, string> Tags(this MLflowFields fields)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in fields.Objects("tags"))
        {
            var key = tag.String("key") ?? "";
            var value = tag.String("value") ?? "";
            CheckTag(tag.PathOf("key"), key, value);
            tags[key] = value;
        }

        return tags;
    }

    /// <summary>The tag of a call that sets one.</summary>
    public static (string Key, string Value) Tag(this MLflowFields fields)
    {
        var key = fields.RequiredString("key");
        var value = fields.String("value") ?? "";
        CheckTag("key", key, value);
        return (key, value);
    }

    /// <summary>The key of a call that removes a tag.</summary>
    public static string TagKey(this MLflowFields fields)
    {
        var key = fields.RequiredString("key");
        MLflowKeys.Check("key", key);
        return key;
    }

    /// <summary>An alias that a version may get.</summary>
    public static string Alias(this MLflowFields fields)
    {
        var alias = fields.RequiredString("alias");
        if (alias.Length > AliasBook.MaxLength || !AliasForm().IsMatch(alias))
        {
            throw MLflowException.Invalid(
                $"Invalid alias name: '{Shorten(alias)}'. An alias has 1 to {AliasBook.MaxLength} characters: letters, digits, underscores (_) and dashes (-).");
        }

        if (alias.Equals("latest", StringComparison.OrdinalIgnoreCase))
        {
            throw MLflowException.Invalid("'latest' alias name (case insensitive) is reserved.");
        }

        return VersionLike().IsMatch(alias) ? throw MLflowException.Invalid($"Version alias name '{alias}' is reserved.") : alias;
    }

    private static void CheckTag(string field, string key, string value)
    {
        if (key.Length == 0)
        {
            throw MLflowException.Invalid($"Missing value for required parameter '{field}'. See the API docs for more information about request parameters.");
        }

        MLflowKeys.CheckLength("key", key, ModelTag.MaxKeyLength);
        MLflowKeys.Check(field, key);
        MLflowKeys.CheckLength("value", value, ModelTag.MaxValueLength);
    }

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";

    [GeneratedRegex(@"^[\w\-]+\z")]
    private static partial Regex AliasForm();

    [GeneratedRegex(@"^[vV][0-9]+\z")]
    private static partial Regex VersionLike();
}
