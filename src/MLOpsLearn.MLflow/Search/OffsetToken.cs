using System.Globalization;
using System.Text;
using System.Text.Json;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Search;

/// <summary>Page tokens in the original's own form: base64 of <c>{"offset": N}</c>.</summary>
public static class OffsetToken
{
    /// <summary>The token of the page that begins after <paramref name="offset"/> rows.</summary>
    public static string Encode(int offset) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"offset\": {offset}}}")));

    /// <summary>Rows to leave out; 0 without a token.</summary>
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE for what did not come from us.</exception>
    public static int Decode(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return 0;
        }

        var bytes = new byte[token.Length <= 200 ? token.Length : 0];
        if (!Convert.TryFromBase64String(token, bytes, out var length))
        {
            throw MLflowException.Invalid("Invalid page token, could not base64-decode");
        }

        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("offset", out var offset) && offset.ValueKind == JsonValueKind.Number && offset.TryGetInt32(out var rows) && rows >= 0
                ? rows
                : throw MLflowException.Invalid("Invalid page token, parsed value has no offset");
        }
        catch (JsonException)
        {
            throw MLflowException.Invalid("Invalid page token, could not be parsed");
        }
    }
}
