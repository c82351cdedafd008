using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.Tests;

/// <summary>Made-up rides: duration depends on distance, hour and the pair of zones, with noise.</summary>
internal static class Rides
{
    public const string Yaml = """
        name: rides
        model: rides
        dataset: { name: rides }
        features:
          - { name: from, kind: categorical }
          - { name: to, kind: categorical }
          - { name: distance, kind: numeric, clip: [0, 50] }
          - { name: hour, kind: categorical }
          - { name: from_to, kind: categorical, cross: [from, to] }
        target: { name: duration, min: 1, max: 60 }
        trainer: { kind: lightgbm, iterations: 50 }
        """;

    public static PipelineSpecification Specification(string trainer = "lightgbm")
    {
        var (specification, faults) = PipelineSpecificationReader.Parse(Yaml.Replace("kind: lightgbm", $"kind: {trainer}", StringComparison.Ordinal));
        Assert.Empty(faults);
        return specification!;
    }

    public static ColumnTable Table(int rows, int seed, bool withMissing = false)
    {
        var random = new Random(seed);
        var (from, to, hour) = (new string?[rows], new string?[rows], new string?[rows]);
        var (distance, duration) = (new double[rows], new double[rows]);
        for (var i = 0; i < rows; i++)
        {
            var (a, b, h) = (random.Next(40), random.Next(40), random.Next(24));
            (from[i], to[i], hour[i]) = (a.ToString(), b.ToString(), h.ToString());
            distance[i] = 0.3 + (Math.Abs(a - b) * 0.4) + random.NextDouble();
            duration[i] = Math.Clamp(2 + (distance[i] * (h is > 7 and < 19 ? 3.5 : 2.2)) + (a % 5) + (random.NextDouble() * 2), 1, 60);
            if (withMissing && random.Next(10) == 0)
            {
                (from[i], distance[i]) = (null, double.NaN);
            }
        }

        return new ColumnTable([
            TableColumn.Categorical.FromStrings("from", from),
            TableColumn.Categorical.FromStrings("to", to),
            new TableColumn.Numeric("distance", distance),
            TableColumn.Categorical.FromStrings("hour", hour),
            new TableColumn.Numeric("duration", duration)]);
    }
}
