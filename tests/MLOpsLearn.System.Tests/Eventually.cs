using System.Diagnostics;

namespace MLOpsLearn.SystemTests;

/// <summary>Waits for what comes true by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(TimeSpan patience, Func<bool> condition, string? what = null) => TrueAsync(patience, () => Task.FromResult(condition()), what);

    public static async Task TrueAsync(TimeSpan patience, Func<Task<bool>> condition, string? what = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < patience, what ?? "It did not come true in time.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
