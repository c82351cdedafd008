using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Prediction;

/// <summary>The forms that a value may come in.</summary>
public sealed class PredictionTests
{
    [Fact]
    public async Task A_category_is_the_same_as_integer_double_and_text()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        var forms = new[]
        {
            new InputColumn { Name = "zone", Int64S = new Int64s { Values = { 74, -3 } } },
            new InputColumn { Name = "zone", Doubles = new Doubles { Values = { 74, -3 } } },
            new InputColumn { Name = "zone", Strings = new Strings { Values = { "74", "-3" } } },
        };
        foreach (var zone in forms)
        {
            var request = new PredictRequest
            {
                Endpoint = "trips-live",
                Columns = { new InputColumn { Name = "distance", Int64S = new Int64s { Values = { 2, 4 } } }, zone },
            };
            Assert.Equal([ModelFiles.Expected(1, 2, 74), ModelFiles.Expected(1, 4, -3)], (await stage.Host.Calls.PredictAsync(request)).Predictions);
        }
    }

    [Fact]
    public async Task Missing_values_are_scored_and_leave_as_missing()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        var request = new PredictRequest
        {
            Endpoint = "trips-live",
            Columns =
            {
                new InputColumn { Name = "distance", Doubles = new Doubles { Values = { double.NaN } } },
                new InputColumn { Name = "zone", Doubles = new Doubles { Values = { double.NaN } } },
            },
        };

        var answer = await stage.Host.Calls.PredictAsync(request);
        await Eventually.HoldsAsync(() => stage.Host.Received.ServedRows == 1, "the row left");

        Assert.Equal([ModelFiles.Expected(1, 0, -1)], answer.Predictions);
        var columns = stage.Host.Received.Batches.Single().Columns;
        Assert.True(double.IsNaN(columns.Single(column => column.Name == "distance").Numbers.Single()));
        Assert.Equal(-1, columns.Single(column => column.Name == "zone").Codes.Single());
    }

    [Fact]
    public async Task An_id_is_made_when_none_is_given_and_kept_when_one_is()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        var made = (await stage.Host.Calls.PredictAsync(Requests.Trips())).Id;
        var kept = (await stage.Host.Calls.PredictAsync(Requests.Trips(id: "urn:trip 2021-02-01T00:00:00 #7"))).Id;

        Assert.Equal(7, Guid.Parse(made).Version);
        Assert.Equal("urn:trip 2021-02-01T00:00:00 #7", kept);
    }
}
