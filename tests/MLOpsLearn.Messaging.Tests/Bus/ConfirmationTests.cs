using Microsoft.Extensions.Time.Testing;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Messaging.Tests.Bus;

public sealed class ConfirmationTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_word_that_never_comes_is_not_waited_for()
    {
        var told = CancellationToken.None;
        var waiting = Confirmation.AwaitAsync(
            token =>
            {
                told = token;
                return new TaskCompletionSource().Task;
            },
            _time,
            TestContext.Current.CancellationToken);

        _time.Advance(Confirmation.Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Contains("5 s", (await Assert.ThrowsAsync<TimeoutException>(() => waiting)).Message, StringComparison.Ordinal);
        Assert.True(told.IsCancellationRequested);
    }

    [Fact]
    public async Task A_refusal_and_an_end_are_passed_on()
    {
        await Confirmation.AwaitAsync(_ => Task.CompletedTask, _time, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Confirmation.AwaitAsync(
            _ => Task.FromException(new InvalidOperationException()), _time, TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Confirmation.AwaitAsync(
            _ => new TaskCompletionSource().Task, _time, new CancellationToken(canceled: true)));
    }
}
