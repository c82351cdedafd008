using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: MLOpsLearn.Limits.WaitsEnd]

namespace MLOpsLearn.Limits;

/// <summary>
/// Cancels a test's token shortly before xunit gives the test up: a wait that took the token ends where it stands,
/// so the failure names its line, and the test takes down what it started.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class WaitsEndAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan TakingDown = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Timer> _timers = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var (context, limit) = (Xunit.TestContext.Current, TimeSpan.FromMilliseconds(test.Timeout) - TakingDown);
        if (limit > TimeSpan.Zero)
        {
            _timers[test.UniqueID] = new Timer(_ => End(context, limit), null, limit, Timeout.InfiniteTimeSpan);
        }
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_timers.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }

    private static void End(Xunit.ITestContext context, TimeSpan limit)
    {
        context.TestOutputHelper?.WriteLine($"The test was not over after {limit.TotalSeconds:0} s: its waits were cancelled.");
        context.CancelCurrentTest();
    }
}
