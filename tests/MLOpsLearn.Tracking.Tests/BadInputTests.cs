using System.Net;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests;

/// <summary>Whatever comes, the answer is a status that says what is wrong: never INTERNAL, UNKNOWN or a 500.</summary>
public sealed class BadInputTests
{
    private static readonly string[] Texts =
    [
        "", "a\0b", new('x', 10_000), "'; DROP TABLE runs; --", "\"", "a/b", "..", "\u202e", "🚕", "{0}", "%s", "\r\n",
        PageToken.Encode("a\0b"), PageToken.Encode("1:2:3:4"), "!!!",
    ];

    private static readonly StatusCode[] Deliberate =
        [StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition];

    private static CallOptions Bound => new(cancellationToken: Cancel);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Odd_texts_in_every_field_get_a_deliberate_answer()
    {
        await using var app = await TrackingApp.StartAsync();
        var client = app.Client;
        var id = await app.StartRunAsync();
        foreach (var text in Texts)
        {
            await DeliberateAsync(client.CreateExperimentAsync(new CreateExperimentRequest { Name = text }, Bound), text);
            await DeliberateAsync(client.CreateExperimentAsync(new CreateExperimentRequest { RequestId = text, Name = "n" }, Bound), text);
            await DeliberateAsync(
                client.CreateExperimentAsync(new CreateExperimentRequest { Name = "t" + text.Length, Tags = { [text] = text } }, Bound), text);
            await DeliberateAsync(client.ListExperimentsAsync(new ListExperimentsRequest { Name = text }, Bound), text);
            await DeliberateAsync(client.ListExperimentsAsync(new ListExperimentsRequest { PageToken = text }, Bound), text);
            await DeliberateAsync(client.CreateRunAsync(new CreateRunRequest { Name = text, Tags = { [text] = text } }, Bound), text);
            await DeliberateAsync(client.GetRunAsync(new GetRunRequest { RunId = text }, Bound), text);
            await DeliberateAsync(client.FinishRunAsync(new FinishRunRequest { RunId = text, Status = RunStatus.Failed }, Bound), text);
            await DeliberateAsync(client.ListRunsAsync(new ListRunsRequest { PageToken = text }, Bound), text);
            await DeliberateAsync(client.LogBatchAsync(new LogBatchRequest { RunId = text }, Bound), text);
            await DeliberateAsync(client.LogBatchAsync(new LogBatchRequest { RunId = id, Params = { [text] = text } }, Bound), text);
            await DeliberateAsync(client.LogBatchAsync(new LogBatchRequest { RunId = id, Params = { [text] = "other" } }, Bound), text);
            await DeliberateAsync(client.LogBatchAsync(new LogBatchRequest { RunId = id, Tags = { [text] = text } }, Bound), text);
            await DeliberateAsync(
                client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { new Metric { Key = text } } }, Bound), text);
            await DeliberateAsync(
                client.LogBatchAsync(
                    new LogBatchRequest { RunId = id, Datasets = { new Dataset { Name = text, Sha256 = text, Digest = text, Source = text, Context = text } } }, Bound),
                text);
            await DeliberateAsync(client.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = id, Key = text }, Bound), text);
            await DeliberateAsync(
                client.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = id, Key = "m", PageToken = text }, Bound), text);
            await DeliberateAsync(client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id, PageToken = text }, Bound), text);
            await DeliberateAsync(client.CreateExperimentAsync(new CreateExperimentRequest { Name = "l" + text.Length, ArtifactLocation = text }, Bound), text);
            await DeliberateAsync(client.SearchExperimentsAsync(new SearchExperimentsRequest { Filter = text, OrderBy = { text } }, Bound), text);
            await DeliberateAsync(client.SearchExperimentsAsync(new SearchExperimentsRequest { Filter = $"name = '{text}'", PageToken = text }, Bound), text);
            await DeliberateAsync(client.UpdateExperimentAsync(new UpdateExperimentRequest { ExperimentId = 0, Name = text }, Bound), text);
            await DeliberateAsync(client.SetExperimentTagAsync(new SetExperimentTagRequest { Key = text, Value = text }, Bound), text);
            await DeliberateAsync(client.DeleteExperimentTagAsync(new DeleteExperimentTagRequest { Key = text }, Bound), text);
            await DeliberateAsync(client.SearchRunsAsync(new SearchRunsRequest { Filter = text, OrderBy = { text }, ParentRunId = text, PageToken = text }, Bound), text);
            await DeliberateAsync(client.CountRunsAsync(new SearchRunsRequest { Filter = $"tags.`{text}` = '{text}'" }, Bound), text);
            await DeliberateAsync(client.CreateRunAsync(new CreateRunRequest { UserId = text }, Bound), text);
            await DeliberateAsync(client.UpdateRunAsync(new UpdateRunRequest { RunId = id, Name = text }, Bound), text);
            await DeliberateAsync(client.DeleteRunAsync(new DeleteRunRequest { RunId = text }, Bound), text);
            await DeliberateAsync(client.RestoreRunAsync(new RestoreRunRequest { RunId = text }, Bound), text);
            await DeliberateAsync(client.DeleteRunTagAsync(new DeleteRunTagRequest { RunId = id, Key = text }, Bound), text);
            await DeliberateAsync(client.ListMetricHistoriesAsync(new ListMetricHistoriesRequest { RunIds = { text }, Key = text }, Bound), text);
            await DeliberateAsync(client.SampleMetricHistoriesAsync(new SampleMetricHistoriesRequest { RunIds = { id }, Key = text }, Bound), text);
            await DeliberateAsync(
                client.LogInputsAsync(
                    new LogInputsRequest { RunId = id, Datasets = { new DatasetInput { Name = text, Digest = text, Source = text, Schema = text, Tags = { [text] = text } } }, ModelIds = { text } }, Bound),
                text);
            await DeliberateAsync(client.LogOutputsAsync(new LogOutputsRequest { RunId = id, Models = { new ModelOutput { ModelId = text } } }, Bound), text);
            await DeliberateAsync(
                client.CreateLoggedModelAsync(new CreateLoggedModelRequest { Name = text, ModelType = text, SourceRunId = text, Params = { [text] = text } }, Bound), text);
            await DeliberateAsync(client.GetLoggedModelAsync(new GetLoggedModelRequest { ModelId = text }, Bound), text);
            await DeliberateAsync(client.DescribeLoggedModelAsync(new DescribeLoggedModelRequest { ModelId = text, Tags = { [text] = text } }, Bound), text);
            await DeliberateAsync(client.DeleteLoggedModelTagAsync(new DeleteLoggedModelTagRequest { ModelId = text, Key = text }, Bound), text);
            await DeliberateAsync(
                client.SearchLoggedModelsAsync(
                    new SearchLoggedModelsRequest { ExperimentIds = { 0 }, Filter = text, OrderBy = { text }, PageToken = text, Datasets = { new DatasetName { Name = text, Digest = text } } }, Bound),
                text);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public async Task Odd_page_sizes_are_refused(int size)
    {
        await using var app = await TrackingApp.StartAsync();
        var client = app.Client;
        var id = await app.StartRunAsync();

        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.ListExperimentsAsync(new ListExperimentsRequest { PageSize = size }, Bound));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.ListRunsAsync(new ListRunsRequest { PageSize = size }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = id, Key = "m", PageSize = size }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.ListArtifactsAsync(new ListArtifactsRequest { RunId = id, PageSize = size }, Bound));
    }

    [Fact]
    public async Task Unknown_ids_are_not_found_and_impossible_values_are_refused()
    {
        await using var app = await TrackingApp.StartAsync();
        var client = app.Client;
        var id = await app.StartRunAsync();
        var nobody = new string('0', 32);
        var never = new Timestamp { Seconds = long.MaxValue };

        await TrackingApp.FailsAsync(StatusCode.NotFound, client.GetExperimentAsync(new GetExperimentRequest { ExperimentId = -1 }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.NotFound, client.CreateRunAsync(new CreateRunRequest { ExperimentId = long.MaxValue }, Bound));
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.GetRunAsync(new GetRunRequest { RunId = nobody }, Bound));
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.LogBatchAsync(new LogBatchRequest { RunId = nobody }, Bound));
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.ListArtifactsAsync(new ListArtifactsRequest { RunId = nobody }, Bound));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.CreateRunAsync(new CreateRunRequest { StartTime = never }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { new Metric { Key = "m", Time = never } } }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument,
            client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { Enumerable.Repeat(new Metric { Key = "m" }, 1001) } }, Bound));
        await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.FinishRunAsync(new FinishRunRequest { RunId = id, Status = (RunStatus)77 }, Bound));
    }

    [Theory]
    [InlineData("POST", "/api/tracking/v1/experiments", "{")]
    [InlineData("POST", "/api/tracking/v1/experiments", "[]")]
    [InlineData("POST", "/api/tracking/v1/experiments", "{\"name\":7}")]
    [InlineData("POST", "/api/tracking/v1/experiments", "{\"name\":\"a\\u0000b\"}")]
    [InlineData("POST", "/api/tracking/v1/experiments", "{\"name\":\"\\ud800\"}")]
    [InlineData("POST", "/api/tracking/v1/runs", "{\"experimentId\":\"x\"}")]
    [InlineData("POST", "/api/tracking/v1/runs", "{\"experimentId\":1e40}")]
    [InlineData("POST", "/api/tracking/v1/runs", "{\"startTime\":\"yesterday\"}")]
    [InlineData("POST", "/api/tracking/v1/runs/{id}:log", "{\"metrics\":[{\"key\":\"m\",\"value\":\"x\"}]}")]
    [InlineData("POST", "/api/tracking/v1/runs/{id}:log", "{\"metrics\":7}")]
    [InlineData("POST", "/api/tracking/v1/runs/{id}:finish", "{\"status\":\"DONE\"}")]
    [InlineData("GET", "/api/tracking/v1/experiments/abc", "")]
    [InlineData("GET", "/api/tracking/v1/experiments?page_size=many", "")]
    [InlineData("GET", "/api/tracking/v1/runs/not-an-id", "")]
    [InlineData("GET", "/api/tracking/v1/runs/%00", "")]
    [InlineData("PUT", "/api/tracking/v1/runs/not-an-id/artifacts/a", "x")]
    [InlineData("GET", "/api/tracking/v1/runs/00000000000000000000000000000000/artifacts/a", "")]
    public async Task Malformed_json_is_the_callers_fault(string method, string url, string body)
    {
        await using var app = await TrackingApp.StartAsync();
        var client = app.Client;
        var id = await app.StartRunAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), url.Replace("{id}", id, StringComparison.Ordinal));
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await app.Http.SendAsync(request, Cancel);

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task An_unknown_experiment_is_a_404_in_json()
    {
        await using var app = await TrackingApp.StartAsync();

        using var answer = await app.Http.GetAsync("/api/tracking/v1/experiments/99", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task DeliberateAsync<T>(AsyncUnaryCall<T> call, string text)
    {
        var code = StatusCode.OK;
        try
        {
            await call;
        }
        catch (RpcException exception)
        {
            code = exception.StatusCode;
        }

        Assert.True(Deliberate.Contains(code), $"{typeof(T).Name} answered {code} to '{(text.Length > 40 ? text[..40] : text)}'.");
    }
}
