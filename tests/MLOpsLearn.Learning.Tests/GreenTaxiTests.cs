using DuckDB.NET.Data;
using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;
using MLOpsLearn.Learning.Training;

namespace MLOpsLearn.Learning.Tests;

/// <summary>On real trips the default trainer reaches what the data's baselines promise.</summary>
public sealed class GreenTaxiTests
{
    [Fact]
    public void Trained_on_most_of_one_month_the_error_on_the_next_is_at_most_5_9_minutes()
    {
        var january = Read("2021-01");
        var february = Read("2021-02");

        var trees = Rmse(january, february, pair: true, "lightgbm");
        var withoutPair = Rmse(january, february, pair: false, "lightgbm");
        var linear = Rmse(january, february, pair: true, "sdca");

        TestContext.Current.TestOutputHelper?.WriteLine($"trees {trees:0.000}, without the pair {withoutPair:0.000}, linear {linear:0.000}");
        Assert.True(trees <= 5.9, $"RMSE {trees:0.000}");
        Assert.True(trees < linear);
    }

    internal static double Rmse(ColumnTable train, ColumnTable test, bool pair, string trainer)
    {
        var yaml = $$"""
            name: trips
            model: trips
            dataset: { name: green-taxi }
            features:
              - { name: PULocationID, kind: categorical }
              - { name: DOLocationID, kind: categorical }
              - { name: trip_distance, kind: numeric, clip: [0, 50] }
              - { name: hour, kind: categorical }
              - { name: weekday, kind: categorical }
            {{(pair ? "  - { name: PU_DO, kind: categorical, cross: [PULocationID, DOLocationID] }" : "")}}
            target: { name: duration }
            trainer: { kind: {{trainer}} }
            """;
        var (specification, faults) = PipelineSpecificationReader.Parse(yaml);
        Assert.Empty(faults);
        var fitted = PipelineTrainer.Fit(specification!, specification!.Trainer, train.Slice(0, (int)(train.Rows * 0.8)), TimeProvider.System, default);
        var predictions = new double[test.Rows];
        fitted.Pipeline.Score(test, predictions);
        return RegressionMetrics.Compute(test.Numbers("duration").Span, predictions).Rmse;
    }

    internal static ColumnTable Read(string month)
    {
        var file = SharedFolder.Find($"data/green-taxi/green_tripdata_{month}.parquet");
        Assert.SkipWhen(file is null, "skipped: no ../shared");
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            WITH trips AS (
              SELECT CAST(lpep_pickup_datetime AS TIMESTAMP) AS pickup, CAST(lpep_dropoff_datetime AS TIMESTAMP) AS dropoff, PULocationID, DOLocationID, trip_distance
              FROM read_parquet('{file}'))
            SELECT CAST(PULocationID AS VARCHAR), CAST(DOLocationID AS VARCHAR), CAST(trip_distance AS DOUBLE), CAST(hour(pickup) AS VARCHAR),
              CAST(isodow(pickup) - 1 AS VARCHAR), epoch(dropoff - pickup) / 60.0
            FROM trips WHERE strftime(pickup, '%Y-%m') = '{month}' AND epoch(dropoff - pickup) BETWEEN 60 AND 3600 ORDER BY pickup
            """;
        using var reader = command.ExecuteReader();
        var (from, to, hour, weekday) = (new List<string?>(), new List<string?>(), new List<string?>(), new List<string?>());
        var (distance, duration) = (new List<double>(), new List<double>());
        while (reader.Read())
        {
            from.Add(reader.GetString(0));
            to.Add(reader.GetString(1));
            distance.Add(reader.IsDBNull(2) ? double.NaN : reader.GetDouble(2));
            hour.Add(reader.GetString(3));
            weekday.Add(reader.GetString(4));
            duration.Add(reader.GetDouble(5));
        }

        return new ColumnTable([
            TableColumn.Categorical.FromStrings("PULocationID", from),
            TableColumn.Categorical.FromStrings("DOLocationID", to),
            new TableColumn.Numeric("trip_distance", distance.ToArray()),
            TableColumn.Categorical.FromStrings("hour", hour),
            TableColumn.Categorical.FromStrings("weekday", weekday),
            new TableColumn.Numeric("duration", duration.ToArray())]);
    }
}
