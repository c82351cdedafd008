using System.Data.Common;
using System.Globalization;
using System.Text;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>Pages of 100 runs out of very many, by every kind of filter and order, from the beginning and from the middle; each with its verdict.</summary>
internal static class MLflowPages
{
    private const double MostMs = 50;

    // What a page costs that begins at any place must not depend on how many runs have the same there.
    private static readonly (string What, string Search)[] FirstPages =
    [
        ("first page", ""),
        ("from the middle, by start time", """, "filter": "attributes.start_time < 500000" """),
        ("a param that one run in ten has", """, "filter": "params.common = 'v3'" """),
        ("a param that one run has", """, "filter": "params.seed = 's77'" """),
        ("a tag and a metric", """, "filter": "tags.team = 't1' AND metrics.m > 500000" """),
        ("a metric of few runs", """, "filter": "metrics.m < 50" """),
        ("by a metric", """, "order_by": ["metrics.m DESC"] """),
        ("by a metric of few runs", """, "order_by": ["metrics.rare ASC"] """),
        ("by a metric, param filter", """, "filter": "params.common = 'v3'", "order_by": ["metrics.m ASC"] """),
        ("by a metric and the start", """, "order_by": ["metrics.m DESC", "start_time ASC"] """),
        ("by a metric that one run in ten shares", """, "order_by": ["metrics.level ASC", "start_time DESC"] """),
        ("by two metrics, tag filter", """, "filter": "tags.team = 't1'", "order_by": ["metrics.level DESC", "metrics.m ASC"] """),
        ("by a param", """, "order_by": ["params.seed DESC"] """),
        ("by a param that one run in ten shares", """, "order_by": ["params.common DESC"] """),
        ("by a param and a metric", """, "order_by": ["params.common ASC", "metrics.m DESC"] """),
        ("by a tag", """, "order_by": ["tags.team DESC"] """),
        ("by start, oldest first", """, "order_by": ["start_time ASC"] """),
        ("by end", """, "order_by": ["end_time DESC"] """),
        ("by end, tag filter", """, "filter": "tags.team = 't1'", "order_by": ["end_time ASC"] """),
        ("by name", """, "order_by": ["run_name ASC"] """),
        ("by name, downwards, metric filter", """, "filter": "metrics.m > 500000", "order_by": ["run_name DESC"] """),
        ("by user", """, "order_by": ["user_id ASC"] """),
        ("by user, downwards, and id", """, "order_by": ["user_id DESC", "run_id ASC"] """),
        ("by state", """, "order_by": ["status ASC"] """),
        ("by state, downwards, and end", """, "order_by": ["status DESC", "end_time DESC"] """),
        ("by state and a metric, tag filter", """, "filter": "tags.team = 't1'", "order_by": ["status ASC", "metrics.m DESC"] """),
        ("by id", """, "order_by": ["run_id DESC"] """),
        ("by place of artifacts", """, "order_by": ["artifact_uri ASC"] """),
        ("all experiments", """, "all_experiments": true """),
    ];

    public static async Task<int> RunAsync(int runs, string? given)
    {
        await using var database = await BenchmarkDatabase.OpenAsync(given);
        await using var server = await BenchmarkServer.StartAsync(database.Folder, database.ConnectionString);
        await using var connection = await database.ConnectAsync();
        return await FallsShortAsync(database, server.Client, connection, runs) ? 1 : 0;
    }

    /// <summary>Fills the database, prints the times; says whether one of them is too long.</summary>
    public static async Task<bool> FallsShortAsync(BenchmarkDatabase database, BenchmarkClient server, DbConnection connection, int runs)
    {
        await FillAsync(database, server, connection, runs);
        var fallsShort = false;
        foreach (var (what, rest) in FirstPages)
        {
            fallsShort |= await PageTime.FallsShortAsync($"{what}, of {runs:N0}", MostMs, () => SearchAsync(server, rest));
        }

        // By their tokens: as these pages would come that many pages later.
        var middle = runs / 2;
        foreach (var (what, order, place) in new[]
        {
            ("default", "", ""),
            ("a metric", "metrics.m DESC", $"0, {BitConverter.DoubleToInt64Bits(middle)}"),
            ("a shared metric", "metrics.level ASC", $"0, {BitConverter.DoubleToInt64Bits(5)}"),
            ("a param", "params.seed ASC", $"0, \"s{middle}\""),
            ("end", "end_time DESC", $"0, {middle + 10}"),
            ("name", "run_name DESC", $"0, \"run {middle}\""),
            ("user", "user_id DESC", "0, \"u1\""),
            ("state", "status ASC", "1, null"),
            ("state and end", "status ASC, end_time DESC", $"1, null, 0, {middle + 10}"),
        })
        {
            var keys = order.Length == 0 ? [] : order.Split(", ");
            // As the server writes it: the order's own words, then the place of the last run of the page before.
            var description = string.Join(", ", keys.Select(key => key.StartsWith("metrics.", StringComparison.Ordinal) ? "Metric " + key[8..]
                : key.StartsWith("params.", StringComparison.Ordinal) ? "Param " + key[7..] : "Attribute " + key));
            var token = $"[\"{description}\", {middle}, \"f{middle:D31}\"{(place.Length == 0 ? "" : ", ")}{place}]";
            var page = Convert.ToBase64String(Encoding.UTF8.GetBytes(token)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
            var rest = $", \"page_token\": \"{page}\"{(keys.Length == 0 ? "" : $", \"order_by\": [{string.Join(", ", keys.Select(key => $"\"{key}\""))}]")}";
            foreach (var filter in new[] { "", """, "filter": "tags.team = 't1'" """ })
            {
                fallsShort |= await PageTime.FallsShortAsync($"middle, by {what}{(filter.Length == 0 ? "" : ", tag filter")}, of {runs:N0}", MostMs, () => SearchAsync(server, rest + filter));
            }
        }

        return fallsShort;
    }

    private static async Task FillAsync(BenchmarkDatabase database, BenchmarkClient server, DbConnection connection, int runs)
    {
        // The metrics' numbers, made by logging them once.
        var run = await server.CreateRunAsync();
        await server.PostAsync(
            "runs/log-batch",
            $$"""{"run_id": "{{run}}", "metrics": [{"key": "m", "value": 1, "timestamp": 1}, {"key": "rare", "value": 1, "timestamp": 1}, {"key": "level", "value": 1, "timestamp": 1}]}""");
        var (id, no) = database.IsPostgres ? ("lpad(i::text, 31, '0')", "false") : ("substr('0000000000000000000000000000000' || i, -31)", "0");
        string Metric(string name, string value) =>
            $"INSERT INTO latest_metrics (run_key, key_id, step, time_ms, value, is_nan) SELECT 2000000000 + i, (SELECT id FROM metric_keys WHERE name = '{name}'), 1, 1, {value}, {no} FROM n";
        foreach (var insert in new[]
        {
            // One run in nineteen failed, one in a thousand goes on still.
            $"""
            INSERT INTO runs (run_key, run_id, experiment_id, workspace, name, status, start_ms, end_ms, user_id, artifact_uri)
            SELECT 2000000000 + i, 'f' || {id}, 0, 'default', 'run ' || i, CASE WHEN i % 1000 = 0 THEN 1 WHEN i % 19 = 1 THEN 3 ELSE 2 END, i,
                CASE WHEN i % 1000 = 0 THEN NULL ELSE i + i * 7 % 100 END, 'u' || (i % 5), 'mlflow-artifacts:/0/f' || {id} || '/artifacts' FROM n
            """,
            Metric("m", "i * 1001 % 1000003"),
            Metric("level", "i % 10"),
            Metric("rare", "i") + " WHERE i % 10000 = 0",
            "INSERT INTO params SELECT 2000000000 + i, 'common', 'v' || (i % 10) FROM n",
            "INSERT INTO params SELECT 2000000000 + i, 'seed', 's' || (i * 1001 % 1000003) FROM n",
            "INSERT INTO tags SELECT 2000000000 + i, 'team', 't' || (i % 3) FROM n",
        })
        {
            await BenchmarkDatabase.ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, MLflowScale.Numbers, runs) + insert);
        }

        if (database.IsPostgres)
        {
            // What its own clean-up does some time after so many rows.
            await BenchmarkDatabase.ExecuteAsync(connection, "VACUUM ANALYZE");
        }
    }

    private static Task SearchAsync(BenchmarkClient server, string rest) => server.PostAsync("runs/search", $$"""{"experiment_ids": ["0"], "max_results": 100{{rest}}}""");
}
