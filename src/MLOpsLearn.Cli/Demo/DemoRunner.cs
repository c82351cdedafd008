using System.Diagnostics;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Demo;

/// <summary>The demo: set up on the first month, replay the others, let the loop close by itself, and tell what it did.</summary>
internal sealed class DemoRunner(MLOpsLearnClient client, DemoProgress progress)
{
    public async Task<DemoResult> RunAsync(IReadOnlyList<TripFile> files, string dataName, int seed, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        // Every file is looked at before anything is set up: a bad one is found now, not after ten minutes.
        var upcoming = CheckAll(files, cancellationToken);
        var name = await new DemoSetup(client, progress).RunAsync(files[0], seed, cancellationToken);
        var replay = new Replay(client, name);
        var loop = new LoopReader(client, name, progress);
        var months = new List<MonthResult>();
        double? linearRmse = null;
        for (var i = 1; i < files.Count; i++)
        {
            var month = await upcoming;
            // The next month is read while this one is replayed.
            var next = i + 1 < files.Count ? files[i + 1] : null;
            upcoming = next is null ? upcoming : Task.Run(() => TripReader.Read(next), cancellationToken);
            await replay.SendAsync(month, sent => progress.Now($"{month.Name}: replayed {sent:N0} of {month.Rows:N0} trips"), cancellationToken);
            linearRmse ??= Math.Round(await replay.RmseOfAsync(DemoSetup.LinearOf(name), month, cancellationToken), 6);
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
            LinearBaselineRmse = linearRmse,
            Months = months,
            RmseAfterFirstRetraining = AfterFirstRetraining(months),
            LoopOverheadSeconds = await loop.OverheadSecondsAsync(cancellationToken) is { } overhead ? Math.Round(overhead, 3) : null,
            ReplayRowsPerSecond = Math.Round(replay.RowsPerSecond),
            Seconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 1),
        };
    }

    internal static Comparison? AfterFirstRetraining(IReadOnlyList<MonthResult> months)
    {
        var after = months.SkipWhile(month => month.Promoted == 0).Skip(1).ToList();
        return after.Count == 0 ? null : new Comparison(Mean(after.Select(month => month.RmseFrozen)), Mean(after.Select(month => month.RmseLive)));

        static double? Mean(IEnumerable<double?> values) => values.Average() is { } mean ? Math.Round(mean, 6) : null;
    }

    /// <summary>Reads every file once; keeps the first to be replayed.</summary>
    private Task<TripMonth> CheckAll(IReadOnlyList<TripFile> files, CancellationToken cancellationToken)
    {
        TripMonth? firstReplayed = null;
        for (var i = 0; i < files.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress.Now($"Reading {files[i].Name} …");
            var month = TripReader.Read(files[i]);
            if (i == 1)
            {
                firstReplayed = month;
            }

            progress.Now($"{month.Name}: {month.Rows:N0} trips, {month.FileRows - month.Rows:N0} rows dropped");
        }

        return Task.FromResult(firstReplayed!);
    }
}
