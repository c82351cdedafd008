using System.Globalization;

namespace MLOpsLearn.SystemTests;

/// <summary>
/// Seeded rounds of a short loop, in each of which every service is killed once with kill -9 at a random moment. Rounds 1 and 2, or all ten with
/// MLOPSLEARN_LONG=1 (tests/run.sh --long); MLOPSLEARN_ROUND=6 runs that one alone.
/// </summary>
[Collection("processes")]
public sealed class KillRoundsTests(LoopOnAppHost loop) : IClassFixture<LoopOnAppHost>
{
    /// <summary>About as long as the short loop takes.</summary>
    private static readonly TimeSpan Loop = TimeSpan.FromSeconds(14);

    public static TheoryData<int> Rounds() => new(
        Environment.GetEnvironmentVariable("MLOPSLEARN_ROUND") is { Length: > 0 } one ? [int.Parse(one, CultureInfo.InvariantCulture)]
            : Enumerable.Range(1, Environment.GetEnvironmentVariable("MLOPSLEARN_LONG") is "1" ? 10 : 2));

    [Theory]
    [MemberData(nameof(Rounds))]
    public async Task The_loop_closes_though_every_service_is_killed_and_nothing_is_lost_or_doubled(int round)
    {
        var appHost = await loop.AppHostAsync();
        using var demo = ShortLoop.Start(appHost.Client, loop.Folder);

        var kills = await KillEachOnceAsync(appHost, new Random(round));

        await demo.ClosesWithNothingLostOrDoubledAsync(() => $"round {round}: {kills}\n{appHost.Tail()}");
    }

    private static async Task<string> KillEachOnceAsync(AppHostProcess appHost, Random random)
    {
        var moments = AppHostProcess.Services.Select(service => (Service: service, At: Loop * random.NextDouble())).OrderBy(kill => kill.At).ToList();
        var now = TimeSpan.Zero;
        foreach (var (service, at) in moments)
        {
            await Task.Delay(at - now, TestContext.Current.CancellationToken);
            now = at;
            foreach (var id in appHost.IdsOf(service))
            {
                AppHostProcess.Kill(id);
            }
        }

        return string.Join(", ", moments.Select(kill => FormattableString.Invariant($"{kill.Service} at {kill.At.TotalSeconds:0.0} s")));
    }
}
