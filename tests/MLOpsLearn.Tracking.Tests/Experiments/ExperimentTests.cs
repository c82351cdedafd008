using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Experiments;

public sealed class ExperimentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_fresh_store_has_the_experiment_0_and_counts_on_from_it()
    {
        await using var app = await TrackingApp.StartAsync();

        var zero = await app.Client.GetExperimentAsync(new GetExperimentRequest { ExperimentId = 0 }, cancellationToken: Cancel);
        var first = await app.Client.CreateExperimentAsync(new CreateExperimentRequest { Name = "trips", Tags = { ["team"] = "a\"b" } }, cancellationToken: Cancel);

        Assert.Equal("Default", zero.Name);
        Assert.Equal(1, first.ExperimentId);
        Assert.Equal(first, await app.Client.GetExperimentAsync(new GetExperimentRequest { ExperimentId = 1 }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task The_same_request_gives_the_first_answer_and_another_under_its_id_is_refused()
    {
        await using var app = await TrackingApp.StartAsync();
        var request = new CreateExperimentRequest { RequestId = TrackingApp.NewId(), Name = "trips" };

        var first = await app.Client.CreateExperimentAsync(request, cancellationToken: Cancel);
        var again = await app.Client.CreateExperimentAsync(request, cancellationToken: Cancel);
        request.Name = "other";
        await TrackingApp.FailsAsync(StatusCode.AlreadyExists, app.Client.CreateExperimentAsync(request, cancellationToken: Cancel));

        Assert.Equal(first, again);
    }

    [Fact]
    public async Task Of_many_at_once_with_one_name_one_wins_and_the_others_learn_of_it()
    {
        await using var app = await TrackingApp.StartAsync();

        var codes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                await app.Client.CreateExperimentAsync(new CreateExperimentRequest { RequestId = TrackingApp.NewId(), Name = "trips" }, cancellationToken: Cancel);
                return StatusCode.OK;
            }
            catch (RpcException exception)
            {
                return exception.StatusCode;
            }
        }));

        Assert.Equal(1, codes.Count(code => code == StatusCode.OK));
        Assert.Equal(19, codes.Count(code => code == StatusCode.AlreadyExists));
    }

    [Fact]
    public async Task Pages_give_each_experiment_once_and_a_name_finds_its_own()
    {
        await using var app = await TrackingApp.StartAsync();
        foreach (var number in Enumerable.Range(1, 6))
        {
            await app.Client.CreateExperimentAsync(new CreateExperimentRequest { Name = $"e{number}" }, cancellationToken: Cancel);
        }

        var ids = new List<long>();
        var request = new ListExperimentsRequest { PageSize = 3 };
        do
        {
            var page = await app.Client.ListExperimentsAsync(request, cancellationToken: Cancel);
            ids.AddRange(page.Experiments.Select(experiment => experiment.ExperimentId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        var found = await app.Client.ListExperimentsAsync(new ListExperimentsRequest { Name = "e4" }, cancellationToken: Cancel);

        Assert.Equal(Enumerable.Range(0, 7).Select(id => (long)id), ids);
        Assert.Equal(4, Assert.Single(found.Experiments).ExperimentId);
    }
}
