using System.Runtime.CompilerServices;

namespace MLOpsLearn.Limits;

/// <summary>Waits for what others bring about, and says what did not come and what was there instead.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until it holds. <paramref name="what"/> says what is waited for: the condition's own text when absent.</summary>
    /// <exception cref="TimeoutException">It did not come to hold within <see cref="Patience.Wait"/>.</exception>
    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        HoldsAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="HoldsAsync(Func{bool}, string)"/>
    public static Task HoldsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        SeeAsync(condition, holds => holds, what);

    /// <summary>Looks again and again until <paramref name="isReached"/>, and gives what was seen then.</summary>
    /// <inheritdoc cref="HoldsAsync(Func{bool}, string)"/>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> isReached, [CallerArgumentExpression(nameof(isReached))] string what = "")
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isReached(seen))
            {
                return seen;
            }

            if (TimeProvider.System.GetElapsedTime(started) > Patience.Wait)
            {
                throw new TimeoutException($"It did not come to this within {Patience.Wait}: {what}. Last seen: {seen}");
            }

            await Task.Delay(Pause, Xunit.TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a task ends. <paramref name="seen"/> tells what was there when it did not.</summary>
    /// <exception cref="TimeoutException">It did not end within <paramref name="patience"/>, which is <see cref="Patience.Wait"/> when absent.</exception>
    public static async Task EndsAsync(Task task, Func<object?> seen, TimeSpan? patience = null, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        var limit = patience ?? Patience.Wait;
        try
        {
            await task.WaitAsync(limit, Xunit.TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"It did not come to this within {limit}: {what}. Last seen: {seen()}");
        }
    }
}
