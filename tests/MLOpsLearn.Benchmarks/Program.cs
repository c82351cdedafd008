using System.Globalization;
using MLOpsLearn.Benchmarks.AppHost;
using MLOpsLearn.Benchmarks.Bus;
using MLOpsLearn.Benchmarks.Drift;
using MLOpsLearn.Benchmarks.Replay;
using MLOpsLearn.Benchmarks.Statistics;
using MLOpsLearn.Benchmarks.Tracking;

return args switch
{
    ["statistics-simulation"] => Simulation.Run(),
    ["statistics-speed", ..] => Speed.Run(args[1..]),
    ["statistics-extremes"] => Extremes.Run(),
    ["tracking-speed"] => await TrackingSpeed.RunAsync(null),
    ["tracking-speed", var connectionString] => await TrackingSpeed.RunAsync(connectionString),
    ["mlflow-speed"] => await MLflowSpeed.RunAsync(null),
    ["mlflow-speed", var connectionString] => await MLflowSpeed.RunAsync(connectionString),
    ["mlflow-scale", var points] => await MLflowScale.RunAsync(long.Parse(points, CultureInfo.InvariantCulture), null),
    ["mlflow-scale", var points, var connectionString] => await MLflowScale.RunAsync(long.Parse(points, CultureInfo.InvariantCulture), connectionString),
    ["mlflow-pages", var runs] => await MLflowPages.RunAsync(int.Parse(runs, CultureInfo.InvariantCulture), null),
    ["mlflow-pages", var runs, var connectionString] => await MLflowPages.RunAsync(int.Parse(runs, CultureInfo.InvariantCulture), connectionString),
    ["mlflow-memory"] => await MLflowMemory.RunAsync(null),
    ["mlflow-memory", var connectionString] => await MLflowMemory.RunAsync(connectionString),
    [MLflowMemory.ServerCommand, var folder] => await MLflowMemory.ServeAsync(folder),
    ["artifacts", var gibibytes] => await ArtifactSize.RunAsync(int.Parse(gibibytes, CultureInfo.InvariantCulture)),
    ["drift-speed"] => await DriftSpeed.RunAsync(),
    ["apphost", ..] => await AppHostStart.RunAsync(args[1..]),
    ["replay", ..] => await ReplaySpeed.RunAsync(args[1..]),
    ["bus-transport"] => await Transport.RunAsync(),
    ["bus-ingest"] => await Ingest.RunAsync(100, 3_000_000),
    ["bus-ingest", var rows] => await Ingest.RunAsync(int.Parse(rows, CultureInfo.InvariantCulture), 1_000_000),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/MLOpsLearn.Benchmarks -- COMMAND

          statistics-simulation       false alarms and power of the default drift rule, as the tables of docs/statistics.md
          statistics-speed [PYTHON]   two-sample methods at 1,000,000 + 1,000,000 rows; with PYTHON (an interpreter with scipy) beside it
          artifacts GIB               the built mlops server takes and sends a file of GIB gibibytes: seconds, and the most memory it had; with
                                      Artifacts__Root=s3://… in the environment through a bucket
          drift-speed                 the built mlops drift on 1,000,000 + 1,000,000 rows of 15 columns from parquet: seconds and memory
          apphost [OPTION ...]        the built AppHost on a fresh folder: seconds to healthy, then the demo against it, then seconds to healthy again
          bus-transport               served rows from publish to handler, beside a bare loop of RabbitMQ.Client, on a broker of its own
          bus-ingest [ROWS]           served rows from inference's capture through the broker into monitoring's PostgreSQL; ROWS a request, default 100
          statistics-extremes         columns of 10 million categories, each of its own (3 GB of memory)
          replay [DEMO OPTION ...]    three demos of the built mlops, a process of its own: rows predicted and stored a second, start to end
          tracking-speed [DATABASE]   runs and metrics over gRPC; DATABASE is an empty one's connection string, a fresh SQLite file by default
          mlflow-speed [DATABASE]     the same over MLflow's REST API, with searches of 10,000 runs, beside the figures of the genuine server;
                                      DATABASE may be "postgres" for a server of its own, here and below
          mlflow-scale POINTS [DATABASE]  the cost of a write up to POINTS stored (50000000), charts of 1,000,000 points, pages of
                                      1,000,000 runs; each with its verdict
          mlflow-pages RUNS [DATABASE]  these pages alone, of RUNS runs: every kind of filter and order, first and middle ones, with verdicts
          mlflow-memory [DATABASE]    a server in a process of its own while 100 clients log, with its verdict
        """);
    return 2;
}
