using System.Text;
using System.Text.Json;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Training.V1;
using RabbitMQ.Client;
using InputColumn = MLOpsLearn.Contracts.Inference.V1.InputColumn;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>A request of an outsider to retrain, after the demo: his trace goes on to the first answer of the version that it leads to.</summary>
internal static class OutsideTrigger
{
    private const string Trees = "trip-duration";
    private const string Linear = "trip-duration-linear";
    private const string MessageId = "outside-1";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string SenderSpan = "b7ad6b7169203331";

    public static async Task AssertOneTraceAsync(ServerSet servers, FiveServices services, OtlpReceiver collector)
    {
        using var client = services.Connect();
        var token = TestContext.Current.CancellationToken;
        // The linear model's next version is made of trees, so that it is sure to be better.
        var trees = await client.Training.GetPipelineAsync(new GetPipelineRequest { Name = Trees }, cancellationToken: token);
        await client.Training.PutPipelineAsync(
            new PutPipelineRequest { Name = Linear, Yaml = trees.Yaml.Replace(Trees, Linear, StringComparison.Ordinal) }, cancellationToken: token);

        await PublishAsync(servers);

        Job? job = null;
        await Eventually.TrueAsync(Patience.Wait, async () =>
        {
            var jobs = (await client.Training.ListJobsAsync(new ListJobsRequest { PageSize = 1000 }, cancellationToken: token)).Jobs;
            job = jobs.SingleOrDefault(each => each.Trigger.Id == MessageId);
            return job?.State is JobState.Succeeded or JobState.Failed;
        });
        Assert.True(job!.Outcome == "promoted", $"{job.State} {job.Outcome}: {job.OutcomeReason} {job.Message}");
        await Eventually.TrueAsync(
            Patience.Wait, async () => (await client.Inference.GetEndpointAsync(new GetEndpointRequest { Name = Linear }, cancellationToken: token)).Version == job.ModelVersion);
        await client.Inference.PredictAsync(OneTrip(), cancellationToken: token);

        string[] way = ["training receive trigger", "training training job", "training step fit", "registry evaluate model version", "inference deploy version", "inference first answer"];
        List<ReceivedSpan> spans = [];
        await Eventually.TrueAsync(Patience.Wait, () =>
        {
            spans = [.. collector.Spans.Where(span => span.TraceId == TraceId)];
            return way.All(step => spans.Any(span => $"{span.Service} {span.Name}" == step));
        });
        var starts = way.Select(step => spans.Where(span => $"{span.Service} {span.Name}" == step).Min(span => span.Start)).ToList();
        Assert.Equal(starts.Order(), starts);
        // What the worker process wrote to tracking, and the sender at the root of it all.
        Assert.Contains(spans, span => span.Service == "tracking");
        Assert.Equal(SenderSpan, Assert.Single(spans, span => span.Name == "receive trigger").ParentId);
        var ids = spans.Select(span => span.SpanId).Append(SenderSpan).ToHashSet();
        Assert.Empty(spans.Where(span => !ids.Contains(span.ParentId)).Select(span => $"{span.Service} {span.Name}"));
    }

    private static async Task PublishAsync(ServerSet servers)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken);
        var properties = new BasicProperties
        {
            Type = "mlops.retrain.requested",
            MessageId = MessageId,
            Persistent = true,
            Headers = new Dictionary<string, object?> { ["traceparent"] = Encoding.ASCII.GetBytes($"00-{TraceId}-{SenderSpan}-01") },
        };
        await channel.BasicPublishAsync(
            "mlops.triggers", "k", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(new { model = Linear, reason = "asked for from outside" }), TestContext.Current.CancellationToken);
    }

    private static PredictRequest OneTrip() => new()
    {
        Endpoint = Linear,
        Columns =
        {
            new InputColumn { Name = "PULocationID", Int64S = new Int64s { Values = { 75 } } },
            new InputColumn { Name = "DOLocationID", Int64S = new Int64s { Values = { 74 } } },
            new InputColumn { Name = "trip_distance", Doubles = new Doubles { Values = { 1.5 } } },
            new InputColumn { Name = "hour", Int64S = new Int64s { Values = { 9 } } },
            new InputColumn { Name = "weekday", Int64S = new Int64s { Values = { 2 } } },
        },
    };
}
