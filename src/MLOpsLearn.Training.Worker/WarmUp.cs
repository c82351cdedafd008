using DuckDB.NET.Data;
using MLOpsLearn.Learning.Specification;

namespace MLOpsLearn.Training.Worker;

/// <summary>
/// Loads what every job needs while the first call to the service is under way: the database engine's native library and the code that reads
/// specifications. Both wait for the disk and the compiler, the call waits for the network.
/// </summary>
internal static class WarmUp
{
    private const string Smallest = """
        name: warm-up
        model: warm-up
        dataset: { name: none }
        features: [{ name: x, kind: numeric }]
        target: { name: y }
        trainer: { kind: lightgbm }
        """;

    public static void Run()
    {
        PipelineSpecificationReader.Parse(Smallest);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
    }
}
