using CsCheck;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Tests.Retraining;

/// <summary>The policy's table, row by row.</summary>
public sealed class RetrainPolicyTests
{
    private static readonly DateTimeOffset End = new(2022, 2, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RetrainFacts Bad = new()
    {
        Meaning = AlertMeaning.Quality,
        IsFiring = true,
        DataQualityIncidentOpen = false,
        JobsInFlight = [],
        MaxInFlight = 1,
        EventTime = End,
        LastRetraining = null,
        CoolDown = TimeSpan.FromDays(1),
        JobsToday = 0,
        DailyBudget = 3,
        LabelledRows = 5000,
        MinLabelledRows = 1000,
        Permission = Permission.Allowed,
    };

    public static TheoryData<string, string, bool> Rows => new(Cases.Select(entry => (entry.Key, entry.Value.Action, entry.Value.IsOpen)));

    private static Dictionary<string, (RetrainFacts Facts, string Action, bool IsOpen)> Cases => new()
    {
        ["quality fell, labels enough"] = (Bad, "retrain", false),
        ["the registry was not asked yet"] = (Bad with { Permission = Permission.NotAsked }, "retrain", false),
        ["alert has resolved"] = (Bad with { IsFiring = false }, "keep", false),
        ["values are missing"] = (Bad with { Meaning = AlertMeaning.DataQuality }, "block", false),
        ["values are missing beside a fall of quality"] = (Bad with { DataQualityIncidentOpen = true }, "block", false),
        ["broken data come before a job in flight"] = (Bad with { DataQualityIncidentOpen = true, JobsInFlight = ["job"] }, "block", false),
        ["a job is in flight"] = (Bad with { JobsInFlight = ["job"] }, "wait", true),
        ["one of two allowed jobs is in flight"] = (Bad with { JobsInFlight = ["job"], MaxInFlight = 2 }, "retrain", false),
        ["inside the cool-down"] = (Bad with { LastRetraining = End.AddDays(-1).AddTicks(1) }, "wait", false),
        ["drift alone"] = (Bad with { Meaning = AlertMeaning.Drift }, "watch", false),
        ["drift of a model that was never retrained, with an age limit"] = (Bad with { Meaning = AlertMeaning.Drift, MaxAge = TimeSpan.FromDays(31) }, "retrain", false),
        ["drift of a model at the age limit"] = (Bad with { Meaning = AlertMeaning.Drift, MaxAge = TimeSpan.FromDays(31), LastRetraining = End.AddDays(-31) }, "watch", false),
        ["drift of a model past the age limit"] = (Bad with { Meaning = AlertMeaning.Drift, MaxAge = TimeSpan.FromDays(31), LastRetraining = End.AddDays(-31).AddTicks(-1) }, "retrain", false),
        ["at the end of the cool-down"] = (Bad with { LastRetraining = End.AddDays(-1) }, "retrain", false),
        ["an older alert than the last retraining"] = (Bad with { LastRetraining = End.AddDays(31) }, "wait", false),
        ["budget used up"] = (Bad with { JobsToday = 3 }, "wait", true),
        ["last of the budget"] = (Bad with { JobsToday = 2 }, "retrain", false),
        ["too few labels"] = (Bad with { LabelledRows = 999 }, "request-labels", false),
        ["just enough labels"] = (Bad with { LabelledRows = 1000 }, "retrain", false),
        ["drift only"] = (Bad with { Meaning = AlertMeaning.Drift }, "watch", false),
        ["drift without labels"] = (Bad with { Meaning = AlertMeaning.Drift, LabelledRows = 0 }, "request-labels", false),
        ["frozen"] = (Bad with { Permission = Permission.Frozen, PermissionReason = "audit" }, "held-back", false),
        ["the registry does not answer"] = (Bad with { Permission = Permission.NoAnswer }, "wait", true),
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_row_of_the_table_gives_its_decision(string name, string action, bool isOpen)
    {
        var verdict = RetrainPolicy.Decide(Cases[name].Facts);

        Assert.Equal((action, isOpen), (verdict.Action, verdict.IsOpen));
        Assert.NotEmpty(verdict.Reason);
    }

    [Fact]
    public void Nothing_is_trained_on_broken_data_too_few_labels_or_without_permission() =>
        Gen.Select(Gen.Enum<AlertMeaning>(), Gen.Bool, Gen.Bool, Gen.Int[0, 2], Gen.Int[-40, 40], Gen.Int[0, 4], Gen.Int[0, 2000], Gen.Enum<Permission>())
            .Sample((meaning, firing, broken, inFlight, days, today, labels, permission) =>
            {
                var facts = Bad with
                {
                    Meaning = meaning,
                    IsFiring = firing,
                    DataQualityIncidentOpen = broken,
                    JobsInFlight = [.. Enumerable.Repeat("job", inFlight)],
                    LastRetraining = days == 0 ? null : End.AddDays(days),
                    JobsToday = today,
                    LabelledRows = labels,
                    Permission = permission,
                };

                if (RetrainPolicy.Decide(facts).Action == RetrainVerdict.Retrain)
                {
                    Assert.True(firing && !broken && inFlight == 0 && today < 3);
                    // Who asks outright need not show labels.
                    Assert.True(meaning == AlertMeaning.Requested || (meaning == AlertMeaning.Quality && labels >= 1000));
                    Assert.True(permission is Permission.Allowed or Permission.NotAsked);
                    Assert.True(days <= -1 || days == 0);
                }
            });
}
