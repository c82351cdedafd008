using System.Text.Json;
using System.Text.Json.Nodes;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>A place in an order: that of the last run of a page, after which the next page begins.</summary>
/// <param name="Values">What that run has of each key.</param>
/// <param name="StartMs">When it started.</param>
/// <param name="RunId">Its id.</param>
internal sealed record OrderPlace(IReadOnlyList<OrderValue> Values, long StartMs, string RunId)
{
    // A text may be as long as a tag's value, and base 64 of UTF-8 in JSON is up to eight times that.
    private const int LongestToken = 200_000;

    public static string TokenOf(RunOrder order, RunRecord run, IReadOnlyList<OrderValue> values)
    {
        var parts = new JsonArray(order.Description, run.StartMs, run.RunId);
        foreach (var (rank, value) in values)
        {
            parts.Add((JsonNode)rank);
            // Of a metric the bits: JSON has no infinities.
            parts.Add(value switch { long whole => whole, double number => BitConverter.DoubleToInt64Bits(number), string text => text, _ => (JsonNode?)null });
        }

        return PageToken.Encode(parts.ToJsonString());
    }

    /// <summary>Null without a token.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: it is of another order.</exception>
    public static OrderPlace? Parse(RunOrder order, string token)
    {
        if (PageToken.DecodeText(token, LongestToken) is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement[] parts = [.. document.RootElement.EnumerateArray()];
            if (parts.Length == 3 + (order.Keys.Count * 2) && parts[0].GetString() == order.Description)
            {
                return new OrderPlace([.. order.Keys.Select((key, i) => key.ValueOf(parts[3 + (i * 2)].GetInt32(), parts[4 + (i * 2)]))], parts[1].GetInt64(), TextOf(parts[2]));
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Refused as any other that is not ours.
        }

        throw RpcErrors.Invalid("page_token", token, "must be the next_page_token of an answer to the same search");
    }

    /// <exception cref="FormatException">It is no number, which no order has a place for.</exception>
    public static double NumberOf(JsonElement element) =>
        BitConverter.Int64BitsToDouble(element.GetInt64()) is var number && !double.IsNaN(number) ? number : throw new FormatException("It is no number.");

    /// <summary>A text that a database takes.</summary>
    /// <exception cref="FormatException">It takes none with NUL.</exception>
    public static string TextOf(JsonElement element) =>
        element.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text : throw new FormatException("It is no text that a database takes.");
}
