using MLOpsLearn.Cli.Trips;

namespace MLOpsLearn.Cli.Demo;

/// <summary>The specifications of the demo: one for the model that serves, frozen and live alike, and the linear one it is held against.</summary>
internal static class DemoPipelines
{
    public static string Trees(string name, string dataUri, int seed) => $$"""
        # Trip duration in minutes, by boosted trees. Every version of the model comes from this one text; only its data window differs.
        name: {{name}}
        model: {{name}}
        experiment: {{name}}
        seed: {{seed}}
        dataset:
          name: green-taxi
          files: ["{{dataUri}}"]
          prepare: |
        {{Indented(TripSql.Prepare)}}
        split: { by: time, holdout: 0.2 }
        features:
          - { name: PULocationID, kind: categorical }
          - { name: DOLocationID, kind: categorical }
          - { name: trip_distance, kind: numeric, clip: [0, 50] }
          - { name: hour, kind: categorical }
          - { name: weekday, kind: categorical }
          - { name: PU_DO, kind: categorical, cross: [PULocationID, DOLocationID], encode: target-mean }
        target: { name: duration, min: 1, max: 60 }
        trainer: { kind: lightgbm, iterations: 200, learning_rate: 0.1, leaves: 31, min_rows_per_leaf: 20 }
        metrics: [rmse, mae, r2, skill]
        gate: { metric: rmse, min_improvement: 0.01, min_rows: 500, require_data_quality: true }
        retrain:
          on: [alert, external]
          window: 31d
          cool_down: 1d
          max_age: 31d
          max_in_flight: 1
          daily_budget: 100
        """;

    public static string Linear(string name, string dataUri, int seed) => $$"""
        # The same trips by linear regression: what the trees have to beat.
        name: {{name}}
        model: {{name}}
        experiment: {{name}}
        seed: {{seed}}
        dataset:
          name: green-taxi
          files: ["{{dataUri}}"]
          prepare: |
        {{Indented(TripSql.Prepare)}}
        split: { by: time, holdout: 0.2 }
        features:
          - { name: PULocationID, kind: categorical }
          - { name: DOLocationID, kind: categorical }
          - { name: trip_distance, kind: numeric, clip: [0, 50] }
          - { name: hour, kind: categorical }
          - { name: weekday, kind: categorical }
          - { name: PU_DO, kind: categorical, cross: [PULocationID, DOLocationID] }
        target: { name: duration, min: 1, max: 60 }
        trainer: { kind: sdca, iterations: 20 }
        """;

    private static string Indented(string text) => string.Join('\n', text.Split('\n').Select(line => "    " + line));
}
