using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Tests.Promotion;

/// <summary>The gate as callers see it.</summary>
public sealed class GateTests
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    private static GateCheck Check(Evaluation evaluation, string name) => Assert.Single(evaluation.Checks, check => check.Name == name);

    [Fact]
    public async Task A_first_version_is_promoted_when_it_beats_the_rows_own_mean()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());

        var evaluation = await app.EvaluateAsync(version);

        Assert.Equal(Verdict.Promoted, evaluation.Verdict);
        Assert.Equal(0, evaluation.ChampionVersion);
        Assert.Equal(1, await app.ChampionAsync());
        Assert.InRange(Check(evaluation, "metric").Numbers["challenger_rmse"], 0.9, 1.1);
        Assert.Equal(200, Check(evaluation, "rows").Numbers["rows"]);
        await app.Heard.UntilAsync(heard => heard.Aliases.Count == 1);
        Assert.Equal((1, 0, evaluation.EvaluationId), app.Heard.Aliases.Select(changed => (changed.Version, changed.PreviousVersion, changed.EvaluationId)).Single());
    }

    [Fact]
    public async Task A_first_version_worse_than_the_mean_is_refused()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(new Rows(Rows.Truth, Rows.Off(8), null, "0"));

        var evaluation = await app.EvaluateAsync(version);

        Assert.Equal(Verdict.Refused, evaluation.Verdict);
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.ResolveAliasAsync(new ResolveAliasRequest { Model = RegistryApp.Model, Alias = "champion" }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData(1.0, 2.0, Verdict.Promoted)]
    [InlineData(2.0, 2.0, Verdict.Refused)]
    [InlineData(1.99, 2.0, Verdict.Refused)]
    [InlineData(3.0, 2.0, Verdict.Refused)]
    public async Task A_challenger_takes_the_alias_only_by_the_margin(double challenger, double champion, Verdict expected)
    {
        await using var app = await RegistryApp.StartWithModelAsync(minImprovement: 0.05);
        await app.PromoteFirstAsync();
        var version = await app.CreateScoredAsync(Rows.Against(1, challenger, champion));

        var evaluation = await app.EvaluateAsync(version);

        Assert.Equal(expected, evaluation.Verdict);
        Assert.Equal(expected == Verdict.Promoted ? 2 : 1, await app.ChampionAsync());
        Assert.Equal(1 - (challenger / champion), Check(evaluation, "metric").Numbers["improvement"], 1e-9);
    }

    [Fact]
    public async Task Every_number_can_be_read_afterwards()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.PromoteFirstAsync();
        var version = await app.CreateScoredAsync(Rows.Against(1, 1, 2));
        var evaluation = await app.EvaluateAsync(version);

        var read = await app.Client.GetEvaluationAsync(new GetEvaluationRequest { EvaluationId = evaluation.EvaluationId }, cancellationToken: Cancel);
        var listed = await app.Client.ListEvaluationsAsync(new ListEvaluationsRequest { Model = RegistryApp.Model, Version = 2 }, cancellationToken: Cancel);
        using var json = await app.Http.GetAsync($"/api/registry/v1/evaluations/{evaluation.EvaluationId}", Cancel);

        Assert.Equal(evaluation, read);
        Assert.Equal(evaluation, Assert.Single(listed.Evaluations));
        Assert.Equal(["rows", "champion", "metric", "significance", "digest", "signature", "data-quality"], evaluation.Checks.Select(check => check.Name));
        Assert.True(Check(evaluation, "significance").Numbers["paired_t"] > 10);
        Assert.Equal(64, evaluation.ScoredRowsSha256.Length);
        Assert.Contains("paired_p", await json.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluations_are_listed_newest_first_page_by_page()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(new Rows(Rows.Truth, Rows.Off(8), null, "0"));
        for (var i = 0; i < 5; i++)
        {
            await app.EvaluateAsync(version);
        }

        var seen = new List<string>();
        var request = new ListEvaluationsRequest { Model = RegistryApp.Model, PageSize = 2 };
        do
        {
            var page = await app.Client.ListEvaluationsAsync(request, cancellationToken: Cancel);
            seen.AddRange(page.Evaluations.Select(evaluation => evaluation.EvaluationId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task A_challenger_scored_against_a_former_champion_is_refused()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.PromoteFirstAsync();
        var second = await app.CreateScoredAsync(Rows.Against(1, 1, 2));
        var third = await app.CreateScoredAsync(Rows.Against(1, 0.5, 2));
        await app.EvaluateAsync(second);

        var evaluation = await app.EvaluateAsync(third);

        Assert.Equal(Verdict.Refused, evaluation.Verdict);
        Assert.Contains("champion changed meanwhile", evaluation.Reason, StringComparison.Ordinal);
        Assert.Equal(2, await app.ChampionAsync());
    }

    [Fact]
    public async Task Of_challengers_that_come_at_once_one_is_promoted()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.PromoteFirstAsync();
        var challengers = new List<ModelVersion>();
        for (var i = 0; i < 6; i++)
        {
            challengers.Add(await app.CreateScoredAsync(Rows.Against(1, 1 - (0.1 * i), 2)));
        }

        var evaluations = await Task.WhenAll(challengers.Select(challenger => app.EvaluateAsync(challenger)));

        var promoted = Assert.Single(evaluations, evaluation => evaluation.Verdict == Verdict.Promoted);
        Assert.Equal(promoted.ChallengerVersion, await app.ChampionAsync());
        await app.Heard.UntilAsync(heard => heard.Aliases.Count >= 2);
        Assert.Equal(2, app.Heard.Aliases.Count);
    }

    [Fact]
    public async Task A_repeated_evaluation_gives_the_first_answer_and_moves_nothing()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());
        var request = RegistryApp.Evaluation(version.Version);

        var first = await app.Client.EvaluateModelVersionAsync(request, cancellationToken: Cancel);
        var second = await app.Client.EvaluateModelVersionAsync(request, cancellationToken: Cancel);
        var again = await app.EvaluateAsync(version);

        Assert.Equal(first, second);
        Assert.Equal(Verdict.Refused, again.Verdict);
        Assert.Contains("holds the alias already", again.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_data_fewer_rows_and_another_signature_are_each_enough_to_refuse()
    {
        await using var app = await RegistryApp.StartWithModelAsync(minRows: 201);
        var version = await app.CreateScoredAsync(Rows.First());
        var request = RegistryApp.Evaluation(version.Version);
        request.DataQuality = new DataQualityVerdict { Findings = { "half of the column distance is missing" } };

        var evaluation = await app.Client.EvaluateModelVersionAsync(request, cancellationToken: Cancel);

        Assert.False(Check(evaluation, "rows").Passed);
        Assert.False(Check(evaluation, "data-quality").Passed);
        Assert.Contains("half of the column", evaluation.Reason, StringComparison.Ordinal);

        await app.PutPolicyAsync();
        await app.EvaluateAsync(version);
        var other = await app.CreateScoredAsync(
            Rows.Against(1, 1, 2), create => create.Signature.Inputs.Add(new SignatureColumn { Name = "weather", Kind = ColumnKind.Numeric, Required = true }));
        evaluation = await app.EvaluateAsync(other);
        Assert.Equal(Verdict.Refused, evaluation.Verdict);
        Assert.Contains("weather", Check(evaluation, "signature").Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_file_that_changed_or_went_is_refused()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());
        app.World.Files[(version.RunId, "model/model.bin")] = [9];

        var changed = await app.EvaluateAsync(version);
        app.World.Files.TryRemove((version.RunId, "model/model.bin"), out _);
        var gone = await app.EvaluateAsync(version);

        Assert.False(Check(changed, "digest").Passed);
        Assert.Contains("no longer has", Check(gone, "digest").Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(429)]
    public async Task A_tracking_that_does_not_answer_decides_nothing(int status)
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());
        var request = RegistryApp.Evaluation(version.Version);
        app.World.Downloads = status;

        await RegistryApp.FailsAsync(StatusCode.Unavailable, app.Client.EvaluateModelVersionAsync(request, cancellationToken: Cancel));
        app.World.Downloads = 0;
        var evaluation = await app.Client.EvaluateModelVersionAsync(request, cancellationToken: Cancel);

        Assert.Equal(Verdict.Promoted, evaluation.Verdict);
        Assert.Single((await app.Client.ListEvaluationsAsync(new ListEvaluationsRequest { Model = RegistryApp.Model }, cancellationToken: Cancel)).Evaluations);
    }

    [Fact]
    public async Task Policies_count_their_changes_only()
    {
        await using var app = await RegistryApp.StartWithModelAsync(minImprovement: 0.01);

        var same = await app.PutPolicyAsync(minImprovement: 0.01);
        var other = await app.PutPolicyAsync(minImprovement: 0.02);
        var back = await app.PutPolicyAsync(minImprovement: 0.01);

        Assert.Equal((1, 2, 3), (same.Revision, other.Revision, back.Revision));
        Assert.Equal(3, (await app.Client.GetPromotionPolicyAsync(new GetPromotionPolicyRequest { Model = RegistryApp.Model }, cancellationToken: Cancel)).Revision);
    }
}
