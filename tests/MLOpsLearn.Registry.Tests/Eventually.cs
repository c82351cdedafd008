namespace MLOpsLearn.Registry.Tests;

/// <summary>Waits for what another thread brings about.</summary>
internal static class Eventually
{
    /// <summary>Looks again and again until <paramref name="isReached"/>, and gives what was seen then.</summary>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> isReached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var seen = await look();
            if (isReached(seen))
            {
                return seen;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }
}
