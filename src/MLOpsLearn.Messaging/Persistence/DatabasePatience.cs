using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>For work that goes on by itself and must outlive a restart of the database.</summary>
public static class DatabasePatience
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Repeats <paramref name="work"/> while the database is away, for at most <paramref name="patience"/>. It may have been done although it failed, so it must bear repetition.</summary>
    public static async Task<T> WithPatienceAsync<T>(this TimeProvider time, TimeSpan patience, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await work();
            }
            catch (Exception exception) when (PassingFaults.IsPassing(exception) && time.GetElapsedTime(started) < patience && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
