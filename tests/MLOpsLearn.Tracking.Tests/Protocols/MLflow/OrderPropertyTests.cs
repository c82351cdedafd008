using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>Runs come in the order in which a naive sorting has them, on whatever pages, each once.</summary>
public sealed class OrderPropertyTests(MLflowServers servers)
{
    private static readonly string[] Texts = ["a", "A", "ab", "b", "", "ü", new string('x', 220) + "1", new string('x', 220) + "2"];
    private static readonly double[] Numbers = [-1.5, 0, 0.25, 7, double.NaN, double.NegativeInfinity];

    private static readonly string[] Names = ["a", "A", "ab", "ü", new string('x', 220) + "1", new string('x', 220) + "2"];
    private static readonly string[] Users = ["", "u", "U"];
    private static readonly string[] States = ["RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"];

    private static readonly Gen<ARun> AnyRun = Gen.Select(
        Gen.Int[1, 4], Gen.Int[-2, Numbers.Length - 1], Gen.Int[-2, Texts.Length - 1], Gen.Int[-2, Texts.Length - 1],
        Gen.Select(Gen.Int[0, Names.Length - 1], Gen.Int[0, Users.Length - 1], Gen.Int[0, States.Length - 1], Gen.Int[-2, 3]),
        (start, number, param, tag, own) => new ARun(
            "", start, number < 0 ? null : Numbers[number], param < 0 ? null : Texts[param], tag < 0 ? null : Texts[tag], Names[own.Item1], Users[own.Item2], States[own.Item3], own.Item4 < 0 ? null : own.Item4));

    // What a run has of each key: the rank of its kind of value, and the value.
    private static readonly Dictionary<string, Func<ARun, (int Rank, object? Value)>> Keys = new()
    {
        ["metrics.`order m`"] = run => run.Metric is not { } value ? (2, null) : double.IsNaN(value) ? (1, null) : (0, value),
        ["params.`order p`"] = run => (run.Param is null ? 2 : 0, run.Param),
        ["tags.`order t`"] = run => (run.Tag is null ? 2 : 0, run.Tag),
        ["start_time"] = run => (0, run.Start),
        ["end_time"] = run => (run.End is null ? 2 : 0, run.End),
        ["run_name"] = run => (0, run.Name),
        ["user_id"] = run => (0, run.User),
        ["status"] = run => (0, run.State),
        ["run_id"] = run => (0, run.Id),
        ["artifact_uri"] = run => (0, run.Id),
    };

    private static readonly Gen<(string Key, bool IsAscending)[]> SeveralKeys = Gen.Select(Gen.Shuffle(Keys.Keys.ToArray()), Gen.Bool.Array[3], Gen.Int[2, 3])
        .Select(chosen => chosen.Item1.Take(chosen.Item3).Zip(chosen.Item2).ToArray());

    [Theory]
    [MemberData(nameof(MLflowServers.DatabasesOfAnySize), MemberType = typeof(MLflowServers))]
    public async Task Every_page_goes_on_where_the_one_before_ended(string database)
    {
        var client = await servers.ClientAsync(database);
        var (experiment, runs) = await RunsAsync(client);

        foreach (var (key, isAscending) in Keys.Keys.SelectMany(key => new[] { (key, true), (key, false) }))
        {
            var expected = Sorted(runs, [(key, isAscending)]);
            string[] order = [$"{key} {(isAscending ? "ASC" : "DESC")}"];
            foreach (var size in new[] { 1, 4, 100 })
            {
                Assert.Equal(expected.Select(run => run.Id), await client.SearchAsync(experiment, null, order, size));
            }

            Assert.Equal(
                expected.Where(run => run.Param == "a" || run.Start < 3).Select(run => run.Id),
                await client.SearchAsync(experiment, "params.`order p` IN ('a') OR start_time < 3", order, 5, extended: true));
            Assert.Equal(
                expected.Where(run => run.Tag is "a" or "ab").Select(run => run.Id),
                await client.SearchAsync(experiment, "tags.`order t` IN ('a', 'ab')", order, 2, extended: true));
        }
    }

    [Theory]
    [MemberData(nameof(MLflowServers.DatabasesOfAnySize), MemberType = typeof(MLflowServers))]
    public async Task Several_keys_order_one_after_the_other(string database)
    {
        var client = await servers.ClientAsync(database);
        var (experiment, runs) = await RunsAsync(client);

        await Gen.Select(SeveralKeys, Gen.Int[1, 12], Gen.Bool).SampleAsync(
            async (keys, size, isFiltered) =>
            {
                var found = await client.SearchAsync(
                    experiment, isFiltered ? "start_time > 1" : null, [.. keys.Select(key => $"{key.Key} {(key.IsAscending ? "ASC" : "DESC")}")], size);
                Assert.Equal(Sorted(runs, keys).Where(run => !isFiltered || run.Start > 1).Select(run => run.Id), found);
            },
            iter: 30, threads: 1);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.DatabasesOfAnySize), MemberType = typeof(MLflowServers))]
    public async Task Two_experiments_are_one_order(string database)
    {
        var client = await servers.ClientAsync(database);
        var (one, some) = await RunsAsync(client);
        var (another, others) = await RunsAsync(client);
        List<ARun> runs = [.. some, .. others];

        foreach (var key in Keys.Keys.Where(key => key != "artifact_uri"))
        {
            string[] order = [$"{key} DESC", "start_time ASC"];
            var found = new List<string>();
            var token = "";
            do
            {
                var page = await client.PostAsync("runs/search", new { experiment_ids = new[] { one, another }, order_by = key == "start_time" ? order[..1] : order, max_results = 9, page_token = token });
                found.AddRange(page["runs"]!.AsArray().Select(run => (string)run!["info"]!["run_id"]!));
                token = (string?)page["next_page_token"] ?? "";
            }
            while (token.Length > 0);

            Assert.Equal(Sorted(runs, key == "start_time" ? [(key, false)] : [(key, false), ("start_time", true)]).Select(run => run.Id), found);
        }
    }

    [Fact]
    public async Task A_place_may_be_a_text_of_any_length()
    {
        var client = await servers.ClientAsync("postgres");
        var experiment = await client.NewExperimentAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await client.NewRunAsync(experiment, i));
            await client.PostAsync("runs/set-tag", new { run_id = ids[i], key = "long", value = string.Concat(Enumerable.Repeat("😀", 3990)) + i });
        }

        Assert.Equal(ids, await client.SearchAsync(experiment, null, ["tags.long"], 1));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_token_of_another_order_is_refused(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.PostAsync("runs/log-metric", new { run_id = await client.NewRunAsync(experiment, i), key = "m", value = i, timestamp = 1 });
        }

        object Body(string? order, string? token) => new { experiment_ids = new[] { experiment }, max_results = 1, order_by = order is null ? [] : new[] { order }, page_token = token };
        string?[] orders = ["metrics.m ASC", "metrics.m DESC", "metrics.n ASC", "params.p ASC", "start_time ASC", "user_id ASC", "end_time ASC", "status ASC", null];
        foreach (var order in orders)
        {
            var token = (string)((JsonNode)await client.PostAsync("runs/search", Body(order, null)))["next_page_token"]!;
            foreach (var other in orders.Where(other => other != order))
            {
                Assert.Contains("page_token", await client.RefusedAsync("runs/search", Body(other, token)), StringComparison.Ordinal);
            }
        }
    }

    private static async Task<(string Experiment, List<ARun> Runs)> RunsAsync(MLflowClient client)
    {
        var experiment = await client.NewExperimentAsync();
        var runs = new List<ARun>();
        await AnyRun.Array[35].SampleAsync(
            async made =>
            {
                foreach (var run in made)
                {
                    var created = await client.PostAsync("runs/create", new { experiment_id = experiment, start_time = run.Start, user_id = run.User });
                    var id = (string)created["run"]!["info"]!["run_id"]!;
                    runs.Add(run with { Id = id });
                    await client.PostAsync("runs/log-batch", new
                    {
                        run_id = id,
                        metrics = run.Metric is { } value ? new[] { new { key = "order m", value = value.ToString(CultureInfo.InvariantCulture), timestamp = 1 } } : [],
                        @params = run.Param is null ? [] : new[] { new { key = "order p", value = run.Param } },
                        tags = new[] { new { key = "mlflow.runName", value = run.Name } }.Concat(run.Tag is null ? [] : [new { key = "order t", value = run.Tag }]),
                    });
                    await client.PostAsync("runs/update", new { run_id = id, status = run.State, end_time = run.End });
                }
            },
            iter: 1, threads: 1);
        return (experiment, runs);
    }

    private static List<ARun> Sorted(IEnumerable<ARun> runs, (string Key, bool IsAscending)[] keys)
    {
        List<ARun> sorted = [.. runs];
        sorted.Sort((one, other) =>
        {
            foreach (var (key, isAscending) in keys)
            {
                var ((rank, value), (otherRank, otherValue)) = (Keys[key](one), Keys[key](other));
                var compared = rank != otherRank ? rank.CompareTo(otherRank)
                    : (isAscending ? 1 : -1) * (value is string text ? string.CompareOrdinal(text, (string)otherValue!) : Comparer<object>.Default.Compare(value, otherValue));
                if (compared != 0)
                {
                    return compared;
                }
            }

            return one.Start != other.Start ? other.Start.CompareTo(one.Start) : string.CompareOrdinal(one.Id, other.Id);
        });
        return sorted;
    }

    private sealed record ARun(string Id, int Start, double? Metric, string? Param, string? Tag, string Name, string User, string State, int? End);
}
