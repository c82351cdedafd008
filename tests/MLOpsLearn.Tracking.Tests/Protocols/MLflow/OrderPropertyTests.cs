using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>Runs come in the order in which a naive sorting has them, on whatever pages, each once.</summary>
public sealed class OrderPropertyTests(MLflowServers servers)
{
    private static readonly string[] Texts = ["a", "A", "ab", "b", "", "ü", new string('x', 220) + "1", new string('x', 220) + "2"];
    private static readonly double[] Numbers = [-1.5, 0, 0.25, 7, double.NaN, double.NegativeInfinity];

    private static readonly Gen<(int Start, double? Metric, string? Param, string? Tag)> AnyRun = Gen.Select(
        Gen.Int[1, 4], Gen.Int[-2, Numbers.Length - 1], Gen.Int[-2, Texts.Length - 1], Gen.Int[-2, Texts.Length - 1],
        (start, number, param, tag) => (start, number < 0 ? (double?)null : Numbers[number], param < 0 ? null : Texts[param], tag < 0 ? null : Texts[tag]));

    [Theory]
    [MemberData(nameof(MLflowServers.DatabasesOfAnySize), MemberType = typeof(MLflowServers))]
    public async Task Every_page_goes_on_where_the_one_before_ended(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var runs = new List<ARun>();
        await AnyRun.Array[35].SampleAsync(
            async made =>
            {
                foreach (var (start, metric, param, tag) in made)
                {
                    var id = await client.NewRunAsync(experiment, start);
                    runs.Add(new ARun(id, start, metric, param, tag));
                    await client.PostAsync("runs/log-batch", new
                    {
                        run_id = id,
                        metrics = metric is { } value ? new[] { new { key = "order m", value = value.ToString(CultureInfo.InvariantCulture), timestamp = 1 } } : [],
                        @params = param is null ? [] : new[] { new { key = "order p", value = param } },
                        tags = tag is null ? [] : new[] { new { key = "order t", value = tag } },
                    });
                }
            },
            iter: 1, threads: 1);

        foreach (var isAscending in new[] { true, false })
        {
            foreach (var (order, expected) in new (string, IEnumerable<ARun>)[]
            {
                ("metrics.`order m`", Sorted(runs.Where(run => run.Metric is { } value && !double.IsNaN(value)), run => run.Metric!.Value, Comparer<double>.Default, isAscending)
                    .Concat(ByDefault(runs.Where(run => run.Metric is { } value && double.IsNaN(value)))).Concat(ByDefault(runs.Where(run => run.Metric is null)))),
                ("params.`order p`", Sorted(runs.Where(run => run.Param is not null), run => run.Param!, StringComparer.Ordinal, isAscending).Concat(ByDefault(runs.Where(run => run.Param is null)))),
                ("tags.`order t`", Sorted(runs.Where(run => run.Tag is not null), run => run.Tag!, StringComparer.Ordinal, isAscending).Concat(ByDefault(runs.Where(run => run.Tag is null)))),
                ("start_time", isAscending ? runs.OrderBy(run => run.Start).ThenBy(run => run.Id, StringComparer.Ordinal) : ByDefault(runs)),
            })
            {
                foreach (var size in new[] { 1, 4, 100 })
                {
                    Assert.Equal(expected.Select(run => run.Id), await client.SearchAsync(experiment, null, [$"{order} {(isAscending ? "ASC" : "DESC")}"], size));
                }

                Assert.Equal(
                    expected.Where(run => run.Param == "a" || run.Start < 3).Select(run => run.Id),
                    await client.SearchAsync(experiment, "params.`order p` IN ('a') OR start_time < 3", [$"{order} {(isAscending ? "ASC" : "DESC")}"], 5, extended: true));
                Assert.Equal(
                    expected.Where(run => run.Tag is "a" or "ab").Select(run => run.Id),
                    await client.SearchAsync(experiment, "tags.`order t` IN ('a', 'ab')", [$"{order} {(isAscending ? "ASC" : "DESC")}"], 2, extended: true));
            }
        }
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
        string?[] orders = ["metrics.m ASC", "metrics.m DESC", "params.p ASC", "start_time ASC", "user_id ASC", null];
        foreach (var order in orders)
        {
            var token = (string)((JsonNode)await client.PostAsync("runs/search", Body(order, null)))["next_page_token"]!;
            foreach (var other in orders.Where(other => other != order))
            {
                Assert.Contains("page_token", await client.RefusedAsync("runs/search", Body(other, token)), StringComparison.Ordinal);
            }
        }
    }

    private static IEnumerable<ARun> Sorted<T>(IEnumerable<ARun> runs, Func<ARun, T> value, IComparer<T> comparer, bool isAscending) =>
        (isAscending ? runs.OrderBy(value, comparer) : runs.OrderByDescending(value, comparer)).ThenByDescending(run => run.Start).ThenBy(run => run.Id, StringComparer.Ordinal);

    private static IEnumerable<ARun> ByDefault(IEnumerable<ARun> runs) => runs.OrderByDescending(run => run.Start).ThenBy(run => run.Id, StringComparer.Ordinal);

    private sealed record ARun(string Id, int Start, double? Metric, string? Param, string? Tag);
}
