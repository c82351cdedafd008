using System.Numerics;
using System.Text.RegularExpressions;
using Grpc.Core;

namespace MLOpsLearn.Contracts.Errors;

/// <summary>
/// Collects every fault of one request, so that a caller learns of all of them at once.
/// Check each field, then call <see cref="ThrowIfAny"/> before anything changes.
/// </summary>
public sealed class FieldChecks
{
    private readonly List<FieldFault> _faults = [];

    /// <summary>Adds a fault that the caller found itself. <paramref name="value"/> is shortened for the message.</summary>
    public FieldChecks Fault(string field, object? value, string rule)
    {
        _faults.Add(new FieldFault(field, Shorten(value), rule));
        return this;
    }

    /// <summary>Adds a fault unless <paramref name="holds"/>.</summary>
    public FieldChecks Require(bool holds, string field, object? value, string rule) => holds ? this : Fault(field, value, rule);

    /// <summary>Text of at most <paramref name="maxLength"/> characters without control characters other than tab and line ends.</summary>
    public FieldChecks Text(string field, string value, int maxLength, bool required = true)
    {
        if (value.Length == 0)
        {
            return required ? Fault(field, value, "must not be empty") : this;
        }

        if (value.Length > maxLength)
        {
            return Fault(field, value, $"must have at most {maxLength} characters, has {value.Length}");
        }

        return value.Any(c => char.IsControl(c) && c is not ('\t' or '\n' or '\r')) || HasLoneSurrogate(value)
            ? Fault(field, value, "must not contain control characters")
            : this;
    }

    /// <summary>Text that a pattern describes; <paramref name="rule"/> says it in words.</summary>
    public FieldChecks Matches(string field, string value, Regex pattern, string rule) =>
        value.Length <= 1000 && pattern.IsMatch(value) ? this : Fault(field, value, rule);

    /// <summary>A name that may stand in a path: no "/", ":", control characters, nor blanks at the ends.</summary>
    public FieldChecks Name(string field, string value, int maxLength = 200)
    {
        var before = _faults.Count;
        Text(field, value, maxLength);
        if (_faults.Count > before)
        {
            return this;
        }

        return value.AsSpan().IndexOfAny('/', ':') >= 0 || value.Any(char.IsControl) || value.Trim() != value || value is "." or ".."
            ? Fault(field, value, "must not contain '/', ':' or control characters, nor begin or end with a blank")
            : this;
    }

    /// <summary>A number within [<paramref name="min"/>, <paramref name="max"/>]; NaN never is.</summary>
    public FieldChecks Range<T>(string field, T value, T min, T max) where T : INumber<T> =>
        value >= min && value <= max ? this : Fault(field, value, $"must be between {min} and {max}");

    /// <summary>An idempotency key: empty, or a UUID.</summary>
    public FieldChecks RequestId(string value) =>
        value.Length == 0 || Guid.TryParse(value, out _) ? this : Fault("request_id", value, "must be a UUID, or empty");

    /// <summary>A page size: 0 (the default) to <paramref name="max"/>.</summary>
    public FieldChecks PageSize(int value, int max = 1000) => Range("page_size", value, 0, max);

    /// <summary>At most <paramref name="maxCount"/> tags of ordinary length.</summary>
    public FieldChecks Tags(string field, IDictionary<string, string> tags, int maxCount = 100)
    {
        Require(tags.Count <= maxCount, field, tags.Count, $"must have at most {maxCount} entries");
        foreach (var (key, value) in tags)
        {
            Text($"{field} key", key, 250);
            Text($"{field}[{Shorten(key)}]", value, 8000, required: false);
        }

        return this;
    }

    /// <exception cref="RpcException">INVALID_ARGUMENT that names each field, its value and the rule it breaks.</exception>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
        {
            throw RpcErrors.Invalid(_faults);
        }
    }

    private static bool HasLoneSurrogate(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
            {
                continue;
            }

            if (!char.IsHighSurrogate(value[i]) || i + 1 == value.Length || !char.IsLowSurrogate(value[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }

    internal static string Shorten(object? value)
    {
        var text = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "";
        text = string.Concat(text.Take(80).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return text.Length == 80 ? text + "…" : text;
    }
}
