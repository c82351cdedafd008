using System.Diagnostics;
using Xunit;
using Xunit.v3;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>Nothing in the tests is waited for for ever.</summary>
public sealed class LimitTests
{
    [Fact]
    public void A_test_has_a_limit() => Assert.Equal(Patience.TestMinutes * 60_000, ((IXunitTest)TestContext.Current.Test!).Timeout);

    [Theory]
    [InlineData("a row")]
    public void So_has_one_with_data(string row) => Assert.True(((IXunitTest)TestContext.Current.Test!).Timeout > 0, row);

    [Fact]
    public async Task A_program_that_does_not_end_is_killed_and_what_it_wrote_is_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "skipped: no sh here");
        var written = Path.GetTempFileName();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "echo began; echo trouble >&2; rm \"$0\"; sleep 600", written])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await Eventually.HoldsAsync(() => !File.Exists(written));

        var late = await Assert.ThrowsAsync<TimeoutException>(() => process.EndAsync(TimeSpan.FromSeconds(2)));

        Assert.Contains("began\n\ntrouble", late.Message, StringComparison.Ordinal);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_task_that_does_not_end_is_told_with_what_was_there_instead()
    {
        var late = await Assert.ThrowsAsync<TimeoutException>(
            () => Eventually.EndsAsync(Task.Delay(-1, TestContext.Current.CancellationToken), () => "only this", TimeSpan.FromMilliseconds(1), "the end"));

        Assert.Contains("the end. Last seen: only this", late.Message, StringComparison.Ordinal);
    }
}
