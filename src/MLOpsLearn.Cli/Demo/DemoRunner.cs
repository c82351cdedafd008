using System.Diagnostics;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Demo;

/// <summary>The demo: set up on the first month, replay the others, let the loop close by itself, and tell what it did.</summary>
internal sealed class DemoRunner(MLOpsLearnClient client, DemoProgress progress)
{
    /// <param name="files">Months in order of time, at least two: the first is trained on.</param>
    /// <param name="dataName">"generated", or the folder.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="started">Timestamp of the command's start.</param>
    /// <param name="cancellationToken">Ends the demo where it is.</param>
    public async Task<DemoResult> RunAsync(IReadOnlyList<TripFile> files, string dataName, int seed, long started, CancellationToken cancellationToken)
    {
        var upcoming = Task.Run(() => TripReader.Read(files[1]), cancellationToken);
        var name = await new DemoSetup(client, progress).RunAsync(files[0], seed, cancellationToken);
        var replay = new Replay(client, name);
        var loop = new LoopReader(client, name, progress);
        var months = new List<MonthResult>();
        double linearRmse = double.NaN;
        for (var i = 1; i < files.Count; i++)
        {
            var month = await upcoming;
            if (i == 1)
            {
                progress.Now($"{month.Name}: asking the linear baseline …");
                linearRmse = await replay.RmseOfAsync(DemoSetup.LinearOf(name), month, cancellationToken);
            }

            // The next month is read while this one is replayed.
            var next = i + 1 < files.Count ? files[i + 1] : null;
            upcoming = next is null ? upcoming : Task.Run(() => TripReader.Read(next), cancellationToken);
            await replay.SendAsync(month, sent => progress.Now($"{month.Name}: replayed {sent:N0} of {month.Rows:N0} trips"), cancellationToken);
            var result = await loop.ReadMonthAsync(month, replay, cancellationToken);
            months.Add(result);
            progress.Done(FormattableString.Invariant(
                $"{result.Month}: {result.Rows:N0} trips, RMSE frozen {result.RmseFrozen:0.00}, live {result.RmseLive:0.00} (version {result.Version})"));
        }

        return new DemoResult
        {
            Model = name,
            Closed = await loop.IsClosedAsync(cancellationToken),
            Data = dataName,
            FirstRmse = months[0].RmseLive,
            LinearBaselineRmse = double.IsFinite(linearRmse) ? Math.Round(linearRmse, 6) : null,
            Months = months,
            RmseAfterFirstRetraining = AfterFirstRetraining(months),
            LoopOverheadSeconds = await loop.OverheadSecondsAsync(cancellationToken) is { } overhead ? Math.Round(overhead, 3) : null,
            ReplayRowsPerSecond = Math.Round(replay.RowsPerSecond),
            Seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
        };
    }

    internal static Comparison AfterFirstRetraining(IReadOnlyList<MonthResult> months)
    {
        var after = months.SkipWhile(month => month.Promoted == 0).Skip(1).ToList();
        return new Comparison(Mean(after.Select(month => month.RmseFrozen)), Mean(after.Select(month => month.RmseLive)));

        static double? Mean(IEnumerable<double?> values) => values.Average() is { } mean ? Math.Round(mean, 6) : null;
    }
}
