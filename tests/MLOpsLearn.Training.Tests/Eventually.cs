namespace MLOpsLearn.Training.Tests;

/// <summary>Waits for what happens soon after what was waited for.</summary>
internal static class Eventually
{
    /// <exception cref="TaskCanceledException">It did not come to hold within 30 s.</exception>
    public static async Task HoldsAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }
}
