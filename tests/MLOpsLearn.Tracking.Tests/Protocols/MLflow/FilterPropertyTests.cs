using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>Any filter finds what a naive reading of it finds, run by run, in memory.</summary>
public sealed class FilterPropertyTests(MLflowServers servers)
{
    private const int Runs = 40;
    private static readonly string[] Words = ["a", "A", "ab", "b%", "_", "", "ü", "it"];
    private static readonly string[] Keys = ["k1", "k2", "k 3"];

    private static readonly Gen<string> Word = From(Words);
    private static readonly Gen<double> Number = From(-1.0, 0.0, 0.5, 1.0, 2.0);

    private static readonly Gen<ARun> AnyRun = Gen.Select(
        Gen.Dictionary(From(Keys), Word)[0, 3],
        Gen.Dictionary(From(Keys), Word)[0, 3],
        Gen.Dictionary(From(Keys), Gen.Frequency((8, Number), (1, Gen.Const(double.NaN))))[0, 3],
        Gen.Int[1, 5],
        (parameters, tags, metrics, start) => new ARun(parameters, tags, metrics, start));

    private static readonly Gen<Clause> TextClause = Gen.Select(
        From("params", "tags"), From(Keys), From("=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"),
        Gen.OneOf(Word, From("a%", "%", "_", "%b%", "A_", "__")),
        (entity, key, op, value) => new Clause(entity, key, op, value, 0));

    private static readonly Gen<Clause> NumberClause = Gen.Select(
        From("metrics", "start_time"), From(Keys), From("=", "!=", "<", "<=", ">", ">="), Number,
        (entity, key, op, number) => new Clause(entity, key, op, "", entity == "metrics" ? number : Math.Abs(Math.Truncate(number))));

    private static readonly Gen<Clause> ListClause = Gen.Select(
        From("params", "tags", "status", "user_id"), From(Keys), From("IN", "NOT IN"), Gen.OneOf(Word, From("RUNNING", "FINISHED")).List[1, 4],
        (entity, key, op, list) => new Clause(entity, key, op, string.Join('|', list), 0));

    private static readonly Gen<Clause> AnyClause = Gen.OneOf(TextClause, NumberClause, ListClause);

    /// <summary>OR of ANDs of clauses; in parentheses, so that the text needs no knowledge of what binds more.</summary>
    private static readonly Gen<List<List<Clause>>> AnyFilter = AnyClause.List[1, 3].List[1, 3];

    [Theory]
    [MemberData(nameof(MLflowServers.DatabasesOfAnySize), MemberType = typeof(MLflowServers))]
    public async Task A_filter_finds_what_its_naive_reading_finds(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var runs = new Dictionary<string, ARun>();
        await AnyRun.Array[Runs].SampleAsync(
            async made =>
            {
                foreach (var run in made)
                {
                    var id = await client.NewRunAsync(experiment, run.Start);
                    runs[id] = run;
                    await client.PostAsync("runs/log-batch", new
                    {
                        run_id = id,
                        @params = run.Params.Select(pair => new { key = pair.Key, value = pair.Value }),
                        tags = run.Tags.Select(pair => new { key = pair.Key, value = pair.Value }),
                        metrics = run.Metrics.Select(pair => new { key = pair.Key, value = pair.Value.ToString(CultureInfo.InvariantCulture), timestamp = 1 }),
                    });
                }
            },
            iter: 1, threads: 1);

        await AnyFilter.SampleAsync(
            async filter =>
            {
                var text = string.Join(" OR ", filter.Select(all => $"({string.Join(" AND ", all.Select(clause => clause.ToString()))})"));
                var expected = runs.Where(run => filter.Any(all => all.All(clause => clause.Matches(run.Value)))).Select(run => run.Key);

                var found = await client.SearchAsync(experiment, text, extended: true);

                Assert.True(expected.Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal)), text);
            },
            iter: 150, threads: 1);
    }

    private static Gen<T> From<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private sealed record ARun(Dictionary<string, string> Params, Dictionary<string, string> Tags, Dictionary<string, double> Metrics, int Start);

    private sealed record Clause(string Entity, string Key, string Operator, string Text, double Number)
    {
        public bool Matches(ARun run)
        {
            if (Entity == "start_time")
            {
                return Compare(run.Start);
            }

            if (Operator is "IN" or "NOT IN")
            {
                var (isThere, own) = Entity switch
                {
                    "params" => (run.Params.TryGetValue(Key, out var param), param),
                    "tags" => (run.Tags.TryGetValue(Key, out var tag), tag),
                    "status" => (true, "RUNNING"),
                    _ => (true, ""),
                };
                return isThere && Text.Split('|').Contains(own) == (Operator == "IN");
            }

            if (Entity == "metrics")
            {
                return run.Metrics.TryGetValue(Key, out var value) && !double.IsNaN(value) && Compare(value);
            }

            var has = (Entity == "params" ? run.Params : run.Tags).TryGetValue(Key, out var text);
            return Operator switch
            {
                "IS NULL" => !has,
                "IS NOT NULL" => has,
                "=" => has && text == Text,
                "!=" => has && text != Text,
                _ => has && Regex.IsMatch(
                    text!,
                    $"\\A{Regex.Escape(Text).Replace("%", ".*", StringComparison.Ordinal).Replace("_", ".", StringComparison.Ordinal)}\\z",
                    RegexOptions.Singleline | RegexOptions.CultureInvariant | (Operator == "ILIKE" ? RegexOptions.IgnoreCase : RegexOptions.None)),
            };
        }

        public override string ToString() => Entity switch
        {
            "start_time" => string.Create(CultureInfo.InvariantCulture, $"attributes.start_time {Operator} {Number}"),
            "metrics" => string.Create(CultureInfo.InvariantCulture, $"metrics.`{Key}` {Operator} {Number}"),
            _ when Operator.EndsWith("IN", StringComparison.Ordinal) =>
                $"{(Entity is "params" or "tags" ? $"{Entity}.`{Key}`" : Entity)} {Operator} ({string.Join(", ", Text.Split('|').Select(text => $"'{text}'"))})",
            _ when Operator.StartsWith("IS", StringComparison.Ordinal) => $"{Entity}.`{Key}` {Operator}",
            _ => $"{Entity}.`{Key}` {Operator} '{Text}'",
        };

        private bool Compare(double value) => Operator switch
        {
            "=" => value == Number,
            "!=" => value != Number,
            "<" => value < Number,
            "<=" => value <= Number,
            ">" => value > Number,
            _ => value >= Number,
        };
    }
}
