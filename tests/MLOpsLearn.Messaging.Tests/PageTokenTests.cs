using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;

namespace MLOpsLearn.Messaging.Tests;

/// <summary>Page tokens round-trip, and whatever else comes is told apart.</summary>
public sealed class PageTokenTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a/b:c")]
    [InlineData("naïve 🚕")]
    public void A_token_gives_its_key_back(string key) => Assert.Equal(key.Length == 0 ? null : key, PageToken.DecodeText(key.Length == 0 ? "" : PageToken.Encode(key)));

    [Theory]
    [InlineData("!!!")]
    [InlineData("_w")]
    [InlineData("a")]
    public void A_token_that_is_not_ours_is_refused(string token) =>
        Assert.Equal(StatusCode.InvalidArgument, Assert.Throws<RpcException>(() => PageToken.DecodeNumber(token)).StatusCode);

    [Theory]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData(" a")]
    [InlineData("..")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public void A_name_that_may_not_stand_in_a_path_is_refused(string name)
    {
        var exception = Assert.Throws<RpcException>(() => new FieldChecks().Name("name", name).ThrowIfAny());

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Contains("name", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var exception = Assert.Throws<RpcException>(() =>
            new FieldChecks().Name("name", "").Range("rows", double.NaN, 0, 1).RequestId("x").ThrowIfAny());

        Assert.All(["name", "rows", "request_id"], field => Assert.Contains(field, exception.Status.Detail, StringComparison.Ordinal));
    }
}
