using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Tests;

/// <summary>Whatever comes, the answer is a status that says what is wrong: never INTERNAL, UNKNOWN or a 500.</summary>
public sealed class BadInputTests
{
    private static readonly string[] Texts =
        ["", "a\0b", new('x', 10_000), "'; DROP TABLE models; --", "\"", "a/b", "..", "a/../../../../api", "\u202e", "🚕", "{0}", "%s", "%2e%2e/x", "\r\n", PageToken.Encode("a\0b"), PageToken.Encode(long.MinValue), "!!!"];

    private static readonly StatusCode[] Deliberate = [StatusCode.OK, StatusCode.InvalidArgument, StatusCode.NotFound, StatusCode.AlreadyExists, StatusCode.FailedPrecondition];

    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Fact]
    public async Task Odd_texts_in_every_field_get_a_deliberate_answer()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());
        foreach (var text in Texts)
        {
            await DeliberateAsync(app.Client.CreateModelAsync(new CreateModelRequest { Name = text, Description = text, Tags = { [text] = text } }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.CreateModelAsync(new CreateModelRequest { RequestId = text, Name = "n" }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.GetModelAsync(new GetModelRequest { Name = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.ListModelsAsync(new ListModelsRequest { PageToken = text }, cancellationToken: Cancel), text);
            foreach (var change in VersionFields(text))
            {
                var create = app.VersionRequest(version.RunId);
                change(create);
                await DeliberateAsync(app.Client.CreateModelVersionAsync(create, cancellationToken: Cancel), text);
            }

            await DeliberateAsync(app.Client.GetModelVersionAsync(new GetModelVersionRequest { Model = text, Version = 1 }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.ListModelVersionsAsync(new ListModelVersionsRequest { Model = RegistryApp.Model, PageToken = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.ResolveAliasAsync(new ResolveAliasRequest { Model = RegistryApp.Model, Alias = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.SetAliasAsync(new SetAliasRequest { Model = RegistryApp.Model, Alias = text, Version = 1 }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.SetAliasAsync(new SetAliasRequest { Model = RegistryApp.Model, Alias = "a", Version = 1, Reason = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(
                app.Client.PutPromotionPolicyAsync(
                    new PutPromotionPolicyRequest { Model = RegistryApp.Model, Policy = new PromotionPolicy { Metric = text, Alias = text } }, cancellationToken: Cancel),
                text);
            await DeliberateAsync(app.Client.GetPromotionPolicyAsync(new GetPromotionPolicyRequest { Model = text }, cancellationToken: Cancel), text);
            var evaluate = RegistryApp.Evaluation(1);
            evaluate.ScoredRowsPath = text;
            await DeliberateAsync(app.Client.EvaluateModelVersionAsync(evaluate, cancellationToken: Cancel), text);
            evaluate = RegistryApp.Evaluation(1);
            evaluate.DataQuality = new DataQualityVerdict { Findings = { text } };
            await DeliberateAsync(app.Client.EvaluateModelVersionAsync(evaluate, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.GetEvaluationAsync(new GetEvaluationRequest { EvaluationId = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.ListEvaluationsAsync(new ListEvaluationsRequest { Model = RegistryApp.Model, PageToken = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.GetLineageAsync(new GetLineageRequest { Model = RegistryApp.Model, Alias = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.GetLineageAsync(new GetLineageRequest { Model = text, Version = 1 }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.FreezeAsync(new FreezeRequest { Model = text, Why = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.UnfreezeAsync(new UnfreezeRequest { Model = text, Why = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(app.Client.ListFreezesAsync(new ListFreezesRequest { PageToken = text }, cancellationToken: Cancel), text);
            await DeliberateAsync(
                app.Client.AuthorizeAutomationAsync(new AuthorizeAutomationRequest { Model = text, Action = text, Description = text }, cancellationToken: Cancel), text);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public async Task Odd_page_sizes_are_refused(int size)
    {
        await using var app = await RegistryApp.StartWithModelAsync();

        await InvalidAsync(app.Client.ListModelsAsync(new ListModelsRequest { PageSize = size }, cancellationToken: Cancel));
        await InvalidAsync(app.Client.ListModelVersionsAsync(new ListModelVersionsRequest { Model = RegistryApp.Model, PageSize = size }, cancellationToken: Cancel));
        await InvalidAsync(app.Client.ListEvaluationsAsync(new ListEvaluationsRequest { Model = RegistryApp.Model, PageSize = size }, cancellationToken: Cancel));
        await InvalidAsync(app.Client.ListFreezesAsync(new ListFreezesRequest { PageSize = size }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Impossible_values_are_refused_and_unknown_ids_not_found()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.CreateVersionAsync();
        foreach (var (margin, rows, p) in new[] { (double.NaN, 1L, 0.0), (double.PositiveInfinity, 1, 0), (-0.1, 1, 0), (1.1, 1, 0), (0, -1, 0), (0, long.MaxValue, 0), (0, 1, double.NaN), (0, 1, 2) })
        {
            var policy = new PromotionPolicy { MinImprovement = margin, MinRows = rows, MaxPValue = p };
            await InvalidAsync(app.Client.PutPromotionPolicyAsync(new PutPromotionPolicyRequest { Model = RegistryApp.Model, Policy = policy }, cancellationToken: Cancel));
        }

        await InvalidAsync(app.Client.PutPromotionPolicyAsync(new PutPromotionPolicyRequest { Model = RegistryApp.Model }, cancellationToken: Cancel));
        await InvalidAsync(app.Client.GetLineageAsync(new GetLineageRequest { Model = RegistryApp.Model }, cancellationToken: Cancel));
        await InvalidAsync(app.Client.GetLineageAsync(new GetLineageRequest { Model = RegistryApp.Model, Version = 1, Alias = "champion" }, cancellationToken: Cancel));
        foreach (var change in ImpossibleVersions())
        {
            var create = app.VersionRequest();
            change(create);
            await InvalidAsync(app.Client.CreateModelVersionAsync(create, cancellationToken: Cancel));
        }

        foreach (var version in new[] { -1, 0, 2, int.MaxValue })
        {
            await RegistryApp.FailsAsync(
                StatusCode.NotFound, app.Client.GetModelVersionAsync(new GetModelVersionRequest { Model = RegistryApp.Model, Version = version }, cancellationToken: Cancel));
            await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.EvaluateModelVersionAsync(RegistryApp.Evaluation(version), cancellationToken: Cancel));
            await RegistryApp.FailsAsync(
                StatusCode.NotFound, app.Client.SetAliasAsync(new SetAliasRequest { Model = RegistryApp.Model, Alias = "a", Version = version }, cancellationToken: Cancel));
        }
    }

    [Theory]
    [InlineData("POST", "/api/registry/v1/models", "{")]
    [InlineData("POST", "/api/registry/v1/models", "{\"name\":7}")]
    [InlineData("POST", "/api/registry/v1/models", "{\"name\":\"a\\u0000b\"}")]
    [InlineData("POST", "/api/registry/v1/models", "{\"name\":\"\\ud800\"}")]
    [InlineData("POST", "/api/registry/v1/models/trip-duration/versions", "{\"origin\":{\"trigger_time\":\"yesterday\"}}")]
    [InlineData("POST", "/api/registry/v1/models/trip-duration/versions", "{\"signature\":{\"inputs\":[{\"kind\":\"BLUE\"}]}}")]
    [InlineData("POST", "/api/registry/v1/models/trip-duration/versions/1e3:evaluate", "{}")]
    [InlineData("POST", "/api/registry/v1/models/trip-duration/versions/1:evaluate", "{\"automatic\":\"perhaps\"}")]
    [InlineData("PUT", "/api/registry/v1/models/trip-duration/promotion-policy", "{\"policy\":{\"min_improvement\":\"NaN\"}}")]
    [InlineData("PUT", "/api/registry/v1/models/trip-duration/promotion-policy", "{\"policy\":{\"min_rows\":1e99}}")]
    [InlineData("GET", "/api/registry/v1/models/nobody", "")]
    [InlineData("GET", "/api/registry/v1/models/%00", "")]
    [InlineData("GET", "/api/registry/v1/models/a%2Fb", "")]
    [InlineData("GET", "/api/registry/v1/models/trip-duration/versions/one", "")]
    [InlineData("GET", "/api/registry/v1/models/trip-duration/versions/99999999999", "")]
    [InlineData("GET", "/api/registry/v1/models/trip-duration/aliases/CHAMPION/lineage", "")]
    public async Task Malformed_json_is_the_callers_fault(string method, string url, string body)
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await app.Http.SendAsync(request, Cancel);

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    private static IEnumerable<Action<CreateModelVersionRequest>> VersionFields(string text) =>
    [
        request => request.RequestId = text,
        request => request.Model = text,
        request => request.RunId = text,
        request => request.ArtifactPath = text,
        request => request.ModelFile = text,
        request => request.Tags[text] = text,
        request => request.Signature.Output = text,
        request => request.Signature.Inputs[0].Name = text,
        request => request.Origin = new Origin { TriggerKind = text },
        request => request.Origin = new Origin { TriggerId = text, TriggerReason = text },
        request => request.Origin = new Origin { JobId = text, Pipeline = text },
        request => request.Origin = new Origin { DatasetSha256 = text },
    ];

    private static IEnumerable<Action<CreateModelVersionRequest>> ImpossibleVersions() =>
    [
        request => request.Origin = new Origin { TriggerTime = new Timestamp { Seconds = long.MaxValue } },
        request => request.Origin = new Origin { WindowStart = new Timestamp { Nanos = -1 } },
        request => request.Origin = new Origin { WindowEnd = new Timestamp { Seconds = long.MinValue } },
        request => request.Origin = new Origin { PipelineVersion = -1 },
        request => request.Signature.Inputs[0].Kind = (ColumnKind)99,
        request => request.Signature.Inputs.Add(request.Signature.Inputs[0].Clone()),
        request => request.Signature.Inputs.AddRange(Enumerable.Range(0, 10_001).Select(i => new SignatureColumn { Name = $"{i}", Kind = ColumnKind.Numeric })),
        request => request.ModelFile = "../other/model.bin",
        request => request.ArtifactPath = "/",
    ];

    private static Task InvalidAsync<T>(AsyncUnaryCall<T> call) => RegistryApp.FailsAsync(StatusCode.InvalidArgument, call);

    private static async Task DeliberateAsync<T>(AsyncUnaryCall<T> call, string text)
    {
        var status = Status.DefaultSuccess;
        try
        {
            await call;
        }
        catch (RpcException exception)
        {
            status = exception.Status;
        }

        Assert.True(Deliberate.Contains(status.StatusCode), $"{typeof(T).Name} answered {status} to '{(text.Length > 40 ? text[..40] : text)}'.");
    }
}
