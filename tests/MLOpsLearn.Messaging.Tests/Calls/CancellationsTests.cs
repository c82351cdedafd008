using Grpc.Core;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Messaging.Tests.Calls;

public sealed class CancellationsTests
{
    [Fact]
    public void Only_the_end_that_was_asked_for_is_no_fault()
    {
        var going = CancellationToken.None;
        var stopped = new CancellationToken(canceled: true);

        Assert.True(new TaskCanceledException().IsCancellationBy(stopped));
        // Something else ran out of time.
        Assert.False(new TaskCanceledException().IsCancellationBy(going));
        // The host would take them for the end of its worker by a fault.
        Assert.False(new RpcException(new Status(StatusCode.Cancelled, "")).IsCancellationBy(stopped));
        Assert.False(new IOException().IsCancellationBy(stopped));
    }
}
