using MLOpsLearn.Benchmarks.Statistics;

return args switch
{
    ["statistics-simulation"] => Simulation.Run(),
    ["statistics-speed", ..] => Speed.Run(args[1..]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        dotnet run -c Release --project tests/MLOpsLearn.Benchmarks -- COMMAND

          statistics-simulation       false alarms and power of the default drift rule, as the tables of docs/statistics.md
          statistics-speed [PYTHON]   two-sample methods at 1,000,000 + 1,000,000 rows; with PYTHON (an interpreter with scipy) beside it
        """);
    return 2;
}
