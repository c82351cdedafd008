using System.Globalization;

namespace MLOpsLearn.Benchmarks.Bus;

/// <summary>One way to move the batches, run once a round: its speed, and what it costs this process.</summary>
/// <param name="name">For people.</param>
/// <param name="run">Gives rows a second.</param>
internal sealed class Lap(string name, Func<Task<double>> run)
{
    private readonly List<double> _rates = [];
    private readonly List<double> _processorMilliseconds = [];
    private readonly List<double> _fullCollections = [];

    public async Task RunAsync(bool counts)
    {
        var (processor, full) = (Environment.CpuUsage.TotalTime, GC.CollectionCount(2));
        var rate = await run();
        if (counts)
        {
            _rates.Add(rate);
            _processorMilliseconds.Add((Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
            _fullCollections.Add(GC.CollectionCount(2) - full);
        }
    }

    /// <summary>Median over the rounds of how many times as fast this was as the other.</summary>
    public double RatioTo(Lap other) => Median([.. _rates.Zip(other._rates, (ours, theirs) => ours / theirs)]);

    public void Print() => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-34}{Median(_rates),14:N0} rows/s {Median(_processorMilliseconds),8:N0} ms of processor {Median(_fullCollections),4:N0} full collections   ({string.Join(" ", _rates.Select(rate => rate.ToString("N0", CultureInfo.InvariantCulture)))})"));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
