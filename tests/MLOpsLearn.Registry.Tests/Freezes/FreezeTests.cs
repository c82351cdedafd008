using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Tests.Freezes;

/// <summary>A freeze stops what nobody asked for, and says what that would have been.</summary>
public sealed class FreezeTests
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    private static AuthorizeAutomationRequest Retrain(string model) =>
        new() { RequestId = RegistryApp.NewId(), Model = model, Action = "retrain", Description = $"would have retrained {model}" };

    [Theory]
    [InlineData("")]
    [InlineData(RegistryApp.Model)]
    public async Task A_freeze_holds_an_automatic_promotion_back_and_lists_it(string frozen)
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.PromoteFirstAsync();
        var version = await app.CreateScoredAsync(Rows.Against(1, 1, 2));
        await app.Client.FreezeAsync(new FreezeRequest { RequestId = RegistryApp.NewId(), Model = frozen, Why = "audit" }, cancellationToken: Cancel);

        var held = await app.EvaluateAsync(version, automatic: true);
        var listed = await app.Client.ListFreezesAsync(new ListFreezesRequest(), cancellationToken: Cancel);

        Assert.Equal(Verdict.HeldBack, held.Verdict);
        Assert.Contains("audit", held.Reason, StringComparison.Ordinal);
        Assert.Equal(1, await app.ChampionAsync());
        var action = Assert.Single(Assert.Single(listed.Freezes).HeldBack);
        Assert.Equal(("promote", RegistryApp.Model), (action.Action, action.Model));
        Assert.Contains("version 2", action.Description, StringComparison.Ordinal);
        // What a person asks for, a freeze does not stop.
        Assert.Equal(Verdict.Promoted, (await app.EvaluateAsync(version)).Verdict);
    }

    [Fact]
    public async Task An_automatic_action_is_allowed_unless_frozen_and_again_after_the_freeze()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var before = await app.Client.AuthorizeAutomationAsync(Retrain(RegistryApp.Model), cancellationToken: Cancel);
        await app.Client.FreezeAsync(new FreezeRequest { Model = RegistryApp.Model, Why = "audit" }, cancellationToken: Cancel);
        var during = await app.Client.AuthorizeAutomationAsync(Retrain(RegistryApp.Model), cancellationToken: Cancel);
        var elsewhere = await app.Client.AuthorizeAutomationAsync(Retrain("other"), cancellationToken: Cancel);
        var lifted = await app.Client.UnfreezeAsync(new UnfreezeRequest { Model = RegistryApp.Model, Why = "done" }, cancellationToken: Cancel);
        var after = await app.Client.AuthorizeAutomationAsync(Retrain(RegistryApp.Model), cancellationToken: Cancel);

        Assert.Equal((true, false, true, true), (before.Allowed, during.Allowed, elsewhere.Allowed, after.Allowed));
        Assert.Contains("audit", during.Reason, StringComparison.Ordinal);
        Assert.False(lifted.Frozen);
        Assert.Equal($"would have retrained {RegistryApp.Model}", Assert.Single(lifted.HeldBack).Description);
        Assert.Empty((await app.Client.ListFreezesAsync(new ListFreezesRequest(), cancellationToken: Cancel)).Freezes);
    }

    [Fact]
    public async Task A_repeated_question_is_recorded_once_and_a_second_freeze_changes_nothing()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.Client.FreezeAsync(new FreezeRequest { Why = "first" }, cancellationToken: Cancel);
        var question = Retrain(RegistryApp.Model);
        await app.Client.AuthorizeAutomationAsync(question, cancellationToken: Cancel);
        await app.Client.AuthorizeAutomationAsync(question, cancellationToken: Cancel);

        var again = await app.Client.FreezeAsync(new FreezeRequest { Why = "second" }, cancellationToken: Cancel);

        Assert.Equal("first", again.Why);
        Assert.Single(again.HeldBack);
        Assert.Single((await app.Client.ListFreezesAsync(new ListFreezesRequest(), cancellationToken: Cancel)).Freezes);
    }

    [Fact]
    public async Task Freezes_asked_for_at_once_are_one()
    {
        await using var app = await RegistryApp.StartWithModelAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => app.Client.FreezeAsync(new FreezeRequest { Why = $"{i}" }, cancellationToken: Cancel).ResponseAsync));

        Assert.Single((await app.Client.ListFreezesAsync(new ListFreezesRequest(), cancellationToken: Cancel)).Freezes);
    }

    [Fact]
    public async Task Each_freeze_shows_its_own_last_hundred_oldest_first()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.Client.CreateModelAsync(new CreateModelRequest { Name = "other" }, cancellationToken: Cancel);
        await app.Client.FreezeAsync(new FreezeRequest { Model = RegistryApp.Model, Why = "one" }, cancellationToken: Cancel);
        await app.Client.FreezeAsync(new FreezeRequest { Model = "other", Why = "two" }, cancellationToken: Cancel);
        for (var i = 0; i < 103; i++)
        {
            var question = Retrain(RegistryApp.Model);
            question.Description = $"{i}";
            await app.Client.AuthorizeAutomationAsync(question, cancellationToken: Cancel);
        }

        await app.Client.AuthorizeAutomationAsync(Retrain("other"), cancellationToken: Cancel);
        var first = await app.Client.ListFreezesAsync(new ListFreezesRequest { PageSize = 1 }, cancellationToken: Cancel);
        var second = await app.Client.ListFreezesAsync(new ListFreezesRequest { PageSize = 1, PageToken = first.NextPageToken }, cancellationToken: Cancel);
        var byModel = first.Freezes.Concat(second.Freezes).ToDictionary(freeze => freeze.Model);

        Assert.Equal(Enumerable.Range(3, 100).Select(i => $"{i}"), byModel[RegistryApp.Model].HeldBack.Select(action => action.Description));
        Assert.Single(byModel["other"].HeldBack);
    }

    [Fact]
    public async Task What_is_not_frozen_can_not_be_unfrozen()
    {
        await using var app = await RegistryApp.StartWithModelAsync();

        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.UnfreezeAsync(new UnfreezeRequest(), cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.FreezeAsync(new FreezeRequest { Model = "nobody", Why = "x" }, cancellationToken: Cancel));
    }
}
