using System.Text;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Registry.Models;

/// <summary>
/// What can name a model. New names of ours are narrow; a name that came through another protocol may be wider, and every call finds it.
/// </summary>
internal static class ModelNames
{
    /// <summary>Characters; the column's length.</summary>
    public const int MaxLength = 1000;

    // A key of an index in PostgreSQL holds some 2,700 bytes, and a tag's key of 250 characters stands beside the name.
    private const int MaxBytes = 1000;

    /// <summary>Whether the databases can keep and find it: no NUL, no half of a surrogate pair, at most 1,000 bytes.</summary>
    public static bool CanBeStored(string name) =>
        name.Length is > 0 and <= MaxLength && IsText(name) && Encoding.UTF8.GetByteCount(name) <= MaxBytes;

    /// <summary>Whether PostgreSQL takes it as text.</summary>
    public static bool IsText(string text)
    {
        if (text.Contains('\0'))
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The name of a model that may exist.</summary>
    public static FieldChecks ModelName(this FieldChecks checks, string field, string name) =>
        checks.Require(CanBeStored(name), field, name, $"must have 1 to {MaxBytes} bytes of UTF-8 and no NUL");
}
