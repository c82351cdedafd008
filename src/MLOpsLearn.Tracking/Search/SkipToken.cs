using System.Globalization;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The page token of a search that goes on by leaving out what came before.</summary>
internal static class SkipToken
{
    private const string Mark = "skip:";

    /// <summary>The token of the page that begins after so many rows.</summary>
    public static string After(long rows) => PageToken.Encode(string.Create(CultureInfo.InvariantCulture, $"{Mark}{rows}"));

    /// <summary>How many rows a page leaves out; none without a token.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: it is no such token.</exception>
    public static long OffsetOf(string token) => PageToken.DecodeText(token) is not { } text ? 0
        : text.StartsWith(Mark, StringComparison.Ordinal) && long.TryParse(text.AsSpan(Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw RpcErrors.Invalid("page_token", token, "must be the next_page_token of an answer to the same search");
}
