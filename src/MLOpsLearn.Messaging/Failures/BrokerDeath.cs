using System.Text;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>What the broker notes on a message that it made a dead letter by itself; on the dead letters that we make it is taken off.</summary>
/// <param name="Reason">The broker's word for why.</param>
/// <param name="RoutingKey">What the message was published with; the broker has put its own in that place.</param>
/// <param name="Time">When, to the second; null when it does not say.</param>
internal sealed record BrokerDeath(string Reason, string RoutingKey, DateTimeOffset? Time)
{
    private const string Header = "x-death";
    private const string DeliveryLimit = "delivery_limit";

    /// <summary>In words for people.</summary>
    public string Explanation => Reason == DeliveryLimit
        ? "Its consumers died or lost their connection each time that it was delivered."
        : $"The broker took it out of its queue: {Reason}.";

    /// <summary>The last one; null when there is none, or a stranger wrote something else into the header.</summary>
    public static BrokerDeath? LastOf(IDictionary<string, object?>? headers)
    {
        if (headers?.TryGetValue(Header, out var value) != true || value is not IList<object?> { Count: > 0 } deaths || deaths[0] is not IDictionary<string, object?> last)
        {
            return null;
        }

        var keys = last.TryGetValue("routing-keys", out var list) ? list as IList<object?> : null;
        return new BrokerDeath(
            FailureHeaders.Text(last, "reason") ?? "unknown",
            keys is [byte[] key, ..] ? Encoding.UTF8.GetString(key) : "",
            last.TryGetValue("time", out var time) && time is AmqpTimestamp { UnixTime: > 0 and < 253_402_300_800 } at ? DateTimeOffset.FromUnixTimeSeconds(at.UnixTime) : null);
    }
}
