using MLOpsLearn.Cli.Runs;
using MLOpsLearn.Contracts.Tracking.V1;
using Xunit;

namespace MLOpsLearn.Cli.Tests.Runs;

public sealed class RunDiffTests
{
    [Fact]
    public void Only_what_differs_is_told_the_largest_metric_difference_first()
    {
        var first = ARun([("same", 1), ("little", 100), ("much", 10), ("opposite", -1)], [("trees", "10"), ("same", "x")], [("mlopslearn.client_run", "a")], [("trips", "aa", "training")]);
        var second = ARun([("same", 1), ("little", 101), ("much", 5), ("opposite", 1)], [("trees", "20"), ("same", "x")], [("mlopslearn.client_run", "b"), ("team", "ops")], [("trips", "bb", "training")]);

        var differences = RunDiff.Of([first, second]);

        Assert.Equal(
            [("metric", "opposite"), ("metric", "much"), ("metric", "little"), ("param", "trees"), ("tag", "team"), ("dataset", "trips (training)")],
            differences.Select(difference => (difference.Kind, difference.Name)));
        Assert.Equal([2.0, 0.5, 1 / 101.0], differences.Take(3).Select(difference => Math.Round(difference.Size!.Value, 12)), (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal([null, "ops"], differences[4].Values);
    }

    [Fact]
    public void A_metric_that_a_run_lacks_comes_first_and_extreme_numbers_have_a_size()
    {
        var first = ARun([("big", double.MaxValue), ("nan", double.NaN), ("zero", 0)], [], [], []);
        var second = ARun([("big", -double.MaxValue), ("nan", double.NaN), ("zero", double.Epsilon), ("only", 1)], [], [], []);

        var differences = RunDiff.Of([first, second]);

        Assert.Equal([("only", double.PositiveInfinity), ("big", 2.0), ("zero", 1.0)], differences.Select(difference => (difference.Name, difference.Size!.Value)));
        Assert.Equal([null, "1"], differences[0].Values);
        Assert.Empty(RunDiff.Of([first, first]));
    }

    private static Run ARun((string Key, double Value)[] metrics, (string Key, string Value)[] parameters, (string Key, string Value)[] tags, (string Name, string Digest, string Context)[] datasets)
    {
        var run = new Run { Metrics = { metrics.Select(metric => new Metric { Key = metric.Key, Value = metric.Value }) } };
        run.Params.Add(parameters.ToDictionary(pair => pair.Key, pair => pair.Value));
        run.Tags.Add(tags.ToDictionary(pair => pair.Key, pair => pair.Value));
        run.Datasets.Add(datasets.Select(dataset => new Dataset { Name = dataset.Name, Digest = dataset.Digest, Context = dataset.Context }));
        return run;
    }
}
