using DuckDB.NET.Data;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Learning.Evaluation;
using MLOpsLearn.Learning.Formats;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Training;
using MLOpsLearn.Training.Worker.Inputs;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Worker.Standby;

/// <summary>
/// Goes once through all that a training does, on made-up rows, while there is time: afterwards libraries are loaded and the code is compiled.
/// What fails here fails again, and is told, when it matters.
/// </summary>
internal static class Rehearsal
{
    private const string Specification = """
        name: rehearsal
        model: rehearsal
        dataset: { name: none }
        features:
          - { name: a, kind: categorical }
          - { name: b, kind: categorical }
          - { name: x, kind: numeric, clip: [0, 50] }
          - { name: ab, kind: categorical, cross: [a, b], encode: target-mean }
        target: { name: y, min: 0, max: 100 }
        trainer: { kind: lightgbm, iterations: 3, learning_rate: 0.1, leaves: 4, min_rows_per_leaf: 5 }
        metrics: [rmse, mae, r2, skill]
        """;

    private const string Rows = """
        SELECT 'p' || i AS prediction_id, TIMESTAMP '2024-01-01' + to_seconds(CAST(i * 60 AS BIGINT)) AS event_time, CAST(i % 7 AS VARCHAR) AS a,
          CAST(i % 5 AS VARCHAR) AS b, CAST(i % 11 AS DOUBLE) AS x, CAST(i % 13 AS DOUBLE) AS y
        FROM range(400) t(i)
        """;

    public static async Task RunAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Task.Run(() => Train(folder, time, cancellationToken), cancellationToken), CallAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"The rehearsal did not go through: {exception.Message}");
        }
    }

    private static void Train(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var (input, scored, model) = (Path.Combine(folder, "rehearsal.parquet"), Path.Combine(folder, "rehearsal-scored.parquet"), new MemoryStream());
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"COPY ({Rows}) TO {Sandbox.Quote(input)} (FORMAT parquet)";
            command.ExecuteNonQuery();
        }

        var (parsed, _) = PipelineSpecificationReader.Parse(Specification);
        var specification = parsed ?? throw new InvalidOperationException("The rehearsal's specification is wrong.");
        RowSplit rows;
        using (var sandbox = new Sandbox([new InputFile("rehearsal", input, "")], isCsv: false, folder, 64 << 20))
        {
            sandbox.OpenInput();
            sandbox.Prepare(null);
            rows = RowSplit.ByTime(new PreparedReader(sandbox, specification, PreparedColumn.Of(PipelineTrainer.SignatureOf(specification), null)).Read(), 0.2);
        }

        var fit = PipelineTrainer.Fit(specification, specification.Trainer, rows.Training.Table, time, cancellationToken);
        FittedPipelineFormat.Write(fit.Pipeline, model);
        model.Position = 0;
        var predictions = new double[rows.HeldOut.Count];
        FittedPipelineFormat.Read(model).Score(rows.HeldOut.Table, predictions);
        RegressionMetrics.Compute(rows.HeldOut.Table.Numbers(specification.Target.Name).Span, predictions);
        RowsDigest.Of(rows.HeldOut);
        ScoredRowsFile.Write(scored, rows.HeldOut, fit.Pipeline.Signature, predictions, predictions, 1);
        File.Delete(input);
        File.Delete(scored);
    }

    /// <summary>One call and one download's worth of nothing, over the same libraries as the real ones.</summary>
    private static async Task CallAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(Environment.GetEnvironmentVariable("MLOPS_TRACKING_GRPC"), UriKind.Absolute, out var grpc)
            || !Uri.TryCreate(Environment.GetEnvironmentVariable("MLOPS_TRACKING_HTTP"), UriKind.Absolute, out var http))
        {
            return;
        }

        using var channels = new Channels(null);
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await new Tracking.TrackingClient(channels.To(grpc)).ListExperimentsAsync(
            new ListExperimentsRequest { PageSize = 1 }, deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5), cancellationToken: cancellationToken);
        await client.GetByteArrayAsync(new Uri(http, "alive"), cancellationToken);
    }
}
