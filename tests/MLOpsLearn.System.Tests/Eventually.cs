using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MLOpsLearn.SystemTests;

/// <summary>Waits for what comes true by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(TimeSpan patience, Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") => TrueAsync(patience, () => Task.FromResult(condition()), what);

    public static async Task TrueAsync(TimeSpan patience, Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < patience, $"It did not come to this within {patience}: {what}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
