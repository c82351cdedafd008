using Google.Protobuf.Collections;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Inference.Tests.Hosting;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Benchmarks.Bus;

/// <summary>Answered requests of an endpoint with nine numeric columns and one categorical column of 250 values.</summary>
internal sealed class Rows(int rowsPerRequest)
{
    public const string Endpoint = "benchmark";
    private const int Zones = 250;
    private readonly EndpointSnapshot _endpoint = new(Endpoint, "default", Version(), [], Guid.Empty, hasAnswered: true);
    private readonly Random _random = new(5);

    public static FittedPipeline Pipeline { get; } = ModelFiles.Wide(8);

    public ServedRequest Next(DateTimeOffset now)
    {
        var columns = Pipeline.Signature.Inputs.Select(TableColumn (input) => input.Name == "zone"
            ? TableColumn.Categorical.FromStrings(input.Name, [.. Enumerable.Range(0, rowsPerRequest).Select(_ => $"{_random.Next(Zones)}")])
            : new TableColumn.Numeric(input.Name, Numbers()));
        var predictions = new RepeatedField<double> { Numbers() };
        return new ServedRequest(
            _endpoint, new RequestRows(Guid.CreateVersion7().ToString(), [now.ToUnixTimeMilliseconds()], new ColumnTable([.. columns])), predictions, now);
    }

    private double[] Numbers()
    {
        var values = new double[rowsPerRequest];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _random.NextDouble() * 100;
        }

        return values;
    }

    private static LoadedVersion Version() => new(
        new KnownVersion { Workspace = "default", Model = "benchmark", Version = 1, RunId = "r", ArtifactPath = "model", ModelFile = "model.bin", Sha256 = "" }, Pipeline);
}
