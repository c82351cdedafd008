using System.Buffers.Text;
using System.Text;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Contracts.Paging;

/// <summary>
/// Opaque page tokens that hold the sort key of the last row seen, so that a page costs the same however deep it lies.
/// </summary>
public static class PageToken
{
    /// <summary>The page size in force: <paramref name="requested"/>, or 100 when it is 0.</summary>
    public static int SizeOrDefault(int requested, int otherwise = 100) => requested == 0 ? otherwise : requested;

    /// <summary>A token for the row with this sort key.</summary>
    public static string Encode(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key));

    /// <summary>A token for the row with this sort key.</summary>
    public static string Encode(long key) => Encode(key.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The sort key in a token; null for an empty token, the first page.</summary>
    /// <param name="token">As it was given.</param>
    /// <param name="longest">How many characters a token of this kind has at most.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT when the token did not come from us.</exception>
    public static string? DecodeText(string token, int longest = 2000)
    {
        if (token.Length == 0)
        {
            return null;
        }

        try
        {
            var key = token.Length > longest ? throw Broken(token) : new UTF8Encoding(false, true).GetString(Base64Url.DecodeFromChars(token));
            // No key of ours has one, and PostgreSQL takes none.
            return key.Contains('\0') ? throw Broken(token) : key;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw Broken(token);
        }
    }

    /// <summary>The numeric sort key in a token; null for an empty token.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT when the token did not come from us.</exception>
    public static long? DecodeNumber(string token) =>
        DecodeText(token) is not { } text ? null
        : long.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var key) ? key
        : throw Broken(token);

    private static RpcException Broken(string token) =>
        RpcErrors.Invalid("page_token", token, "must be the next_page_token of an earlier answer");
}
