using System.Diagnostics;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>How long an answer takes that a person waits for.</summary>
internal static class PageTime
{
    private const int Calls = 15;

    /// <summary>Prints the median of some calls; says whether it is not below a limit.</summary>
    public static async Task<bool> FallsShortAsync(string what, double mostMs, Func<Task> call)
    {
        var first = await TimeAsync(call);
        var times = new List<double>();
        for (var i = 0; i < Calls; i++)
        {
            times.Add(await TimeAsync(call));
        }

        var median = times.Order().ElementAt(Calls / 2);
        Console.WriteLine($"{what,-44} {median,8:N1} ms, at best {times.Min():N1}, the first time {first:N1}  {(median < mostMs ? "reached: " : "FALLS SHORT of ")}below {mostMs} ms");
        return median >= mostMs;
    }

    private static async Task<double> TimeAsync(Func<Task> call)
    {
        var watch = Stopwatch.StartNew();
        await call();
        return watch.Elapsed.TotalMilliseconds;
    }
}
