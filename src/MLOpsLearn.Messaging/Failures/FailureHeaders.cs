using System.Text;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>Headers that a message gets when it could not be handled.</summary>
internal static class FailureHeaders
{
    /// <summary>How many long retries it has had.</summary>
    public const string Retries = "mlops-retries";

    /// <summary>Why it could not be handled, for people.</summary>
    public const string Reason = "mlops-reason";

    /// <summary>Type of the exception.</summary>
    public const string Exception = "mlops-exception";

    /// <summary>When it failed last, ISO 8601.</summary>
    public const string FailedAt = "mlops-failed-at";

    public static string? Text(IDictionary<string, object?>? headers, string name) => headers is not null && headers.TryGetValue(name, out var value)
        ? value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            null => null,
            _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
        }
        : null;

    /// <summary>Never negative, whatever a stranger wrote into the header.</summary>
    public static int RetriesOf(IDictionary<string, object?>? headers) => int.TryParse(Text(headers, Retries), out var retries) ? Math.Max(retries, 0) : 0;

    /// <summary>
    /// Properties for a copy that we publish: without the sender's name, which the broker would hold against ours, and without a time to live of its
    /// own, in which a dead letter would vanish.
    /// </summary>
    public static BasicProperties CopyOf(IReadOnlyBasicProperties properties)
    {
        var copy = new BasicProperties(properties) { Persistent = true, Headers = WithoutFailure(properties.Headers) };
        copy.ClearUserId();
        copy.ClearExpiration();
        return copy;
    }

    /// <summary>Takes off what an earlier failure put on, so that a message that is sent again starts anew.</summary>
    private static Dictionary<string, object?> WithoutFailure(IDictionary<string, object?>? headers) => headers is null
        ? []
        : headers.Where(header => !header.Key.StartsWith("mlops-", StringComparison.Ordinal) && !header.Key.StartsWith("x-", StringComparison.Ordinal))
            .ToDictionary(header => header.Key, header => header.Value);
}
