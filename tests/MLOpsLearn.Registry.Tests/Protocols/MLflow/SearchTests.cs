using CsCheck;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Protocols.MLflow;

/// <summary>The grammar of the two searches: its refusals, its orders, its pages, and a naive reading that it must agree with.</summary>
public sealed class SearchTests(PostgresFixture postgres)
{
    private const string AllModels = "registered-models/search";
    private const string AllVersions = "model-versions/search";

    private static readonly (string Filter, string Names)[] Filters =
    [
        ("name = 'b'", "b"),
        ("name != 'b'", "a C d_e d%f"),
        ("name LIKE 'd%'", "d_e d%f"),
        ("name LIKE 'c'", ""),
        ("name ilike 'c'", "C"),
        ("attribute.name = 'a' AND tags.team = 'x'", "a"),
        ("tag.team='x'", "a b"),
        ("tags.team != 'x'", "C"),
        ("tags.`odd key` = 'y'", "a"),
        ("tags.\"odd key\" = 'y'", "a"),
        ("tags.a.b = \"dotted\"", "b"),
        ("tags.team = 'x' tags.a.b = 'dotted'", "b"),
        ("tags.nobody != 'x'", ""),
        ("tags.`mlflow.prompt.is_prompt` != 'true'", "a b C d_e d%f"),
        ("name != 'a' AND tag.`mlflow.prompt.is_prompt` != 'true'", "b C d_e d%f"),
        ("tags.`mlflow.prompt.is_prompt` = 'true'", "prompt"),
        ("tags.`mlflow.prompt.is_prompt` != 'false'", "prompt"),
    ];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Models_are_found_by_filter(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = await ModelsAsync(app);
        foreach (var (filter, names) in Filters)
        {
            var found = await client.GetAsync(AllModels, ("filter", filter));

            Assert.Equal(
                (filter, string.Join(' ', names.Split(' ').Order(StringComparer.Ordinal))), (filter, string.Join(' ', found.Column("registered_models", "name").Order(StringComparer.Ordinal))));
        }
    }

    private static readonly (string Filter, string Message)[] Refused =
    [
        (" ", "Could not be parsed"),
        ("name", "Invalid clause(s) in filter string: 'name'"),
        ("name =", "Invalid clause(s) in filter string: 'name ='"),
        ("name = 'a' OR name = 'b'", "Invalid clause(s) in filter string: 'OR name = 'b'' (at character 12)"),
        ("(name = 'a')", "Invalid clause(s) in filter string: '(name = 'a')' (at character 1)"),
        ("NOT name = 'a'", "(at character 1)"),
        ("name = 'a';", "(at character 11)"),
        ("name = 'a", "never closed"),
        ("name == 'a'", "Invalid clause(s) in filter string"),
        ("name IN ('a')", "Invalid comparator for attribute: IN"),
        ("name > 'a'", "Invalid comparator for attribute: >"),
        ("name = 1", "Got value 1"),
        ("name = bare", "Got value bare"),
        ("name IS NULL", "Invalid comparator"),
        ("Tags.a = 'x'", "Invalid entity type 'Tags'"),
        ("params.a = 'x'", "Invalid entity type 'params'"),
        ("version = 'x'", "Invalid attribute key 'version'"),
        ("'a' = name", "(at character 1)"),
    ];

    [Fact]
    public async Task A_filter_that_can_not_be_read_is_refused_with_the_place()
    {
        await using var app = await RegistryApp.StartAsync();
        foreach (var (filter, message) in Refused)
        {
            var reply = await new MLflowClient(app.Http).GetAsync(AllModels, ("filter", filter));

            Assert.Equal((filter, 400, "INVALID_PARAMETER_VALUE"), (filter, reply.Status, reply.Code));
            Assert.Contains(message, reply.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Models_come_in_order_and_in_pages(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        foreach (var name in new[] { "b", "a", "c" })
        {
            app.Time.Advance(TimeSpan.FromSeconds(1));
            await client.AddModelAsync(name);
        }

        async Task<string> NamesAsync(params (string, string)[] query) => string.Concat((await client.GetAsync(AllModels, query)).Column("registered_models", "name"));

        Assert.Equal("abc", await NamesAsync());
        Assert.Equal("cba", await NamesAsync(("order_by", "name DESC")));
        Assert.Equal("bac", await NamesAsync(("order_by", "timestamp")));
        Assert.Equal("cab", await NamesAsync(("order_by", "last_updated_timestamp DESC"), ("order_by", "name")));
        var first = await client.GetAsync(AllModels, ("max_results", "2"));
        Assert.Equal(["a", "b"], first.Column("registered_models", "name"));
        Assert.Equal("eyJvZmZzZXQiOiAyfQ==", first["next_page_token"].GetString());
        var last = await client.GetAsync(AllModels, ("max_results", "2"), ("page_token", first["next_page_token"].GetString()!));
        Assert.Equal(["c"], last.Column("registered_models", "name"));
        Assert.False(last.Has("next_page_token"));
        foreach (var (key, value) in new[] { ("max_results", "1001"), ("max_results", "0"), ("max_results", "x"), ("page_token", "!!"), ("page_token", "e30="), ("order_by", "size"), ("order_by", "name UP") })
        {
            Assert.Equal(400, (await client.GetAsync(AllModels, (key, value))).Status);
        }

        Assert.Equal(400, (await client.GetAsync(AllModels, ("order_by", "timestamp"), ("order_by", "last_updated_timestamp DESC"))).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Versions_are_found_ordered_and_paged(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        foreach (var name in new[] { "b", "a" })
        {
            await client.AddModelAsync(name);
            for (var i = 1; i <= 3; i++)
            {
                app.Time.Advance(TimeSpan.FromSeconds(1));
                await client.AddVersionAsync(name, $$""", "run_id": "run{{i}}", "tags": [{"key": "i", "value": "{{i}}"}]""", $"s3://{name}/{i}");
            }
        }

        await client.AddModelAsync("prompt", """, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]""");
        await client.AddVersionAsync("prompt", """, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": "Hi"}]""", "prompt-template");
        await client.DeleteAsync("model-versions/delete", """{"name": "a", "version": "2"}""");
        async Task<string> FindAsync(params (string, string)[] query)
        {
            var reply = await client.GetAsync(AllVersions, query);
            Assert.Equal((200, ""), (reply.Status, reply.Message));
            return string.Join(' ', reply.Column("model_versions", "name").Zip(reply.Column("model_versions", "version"), (name, version) => name + version));
        }

        Assert.Equal("a3 a1 b3 b2 b1", await FindAsync());
        Assert.Equal("b2 b1", await FindAsync(("filter", "name = 'b' AND version_number <= 2")));
        Assert.Equal("a3 b3", await FindAsync(("filter", "version_number = '3'")));
        Assert.Equal("a3 b3", await FindAsync(("filter", "version_number > 2.5")));
        Assert.Equal("a1 b2 b1", await FindAsync(("filter", "run_id IN ('run1', 'run2', 'RUN3')")));
        Assert.Equal("b3", await FindAsync(("filter", "source_path LIKE 's3://b/%' AND tags.i != '1' and run_id = 'run3'")));
        Assert.Equal("prompt1", await FindAsync(("filter", "tags.`mlflow.prompt.is_prompt` = 'true'")));
        Assert.Equal("a1 a3 b1 b2 b3", await FindAsync(("order_by", "name"), ("order_by", "version_number ASC")));
        Assert.Equal("b1 b2 b3 a1 a3", await FindAsync(("order_by", "creation_timestamp")));
        Assert.Equal("a3 a1 b3 b2 b1", await FindAsync(("order_by", "last_updated_timestamp DESC")));
        var first = await client.GetAsync(AllVersions, ("max_results", "4"));
        Assert.Equal("b1", await FindAsync(("page_token", first["next_page_token"].GetString()!)));
        foreach (var bad in new[] { "version = 1", "name IN ('a')", "current_stage = 'None'", "run_id IN ()", "run_id IN (1)", "version_number = 'x'", "version_number LIKE '1'", "run_id = 5", "run_id NOT IN ('a')" })
        {
            Assert.Equal(400, (await client.GetAsync(AllVersions, ("filter", bad))).Status);
        }

        Assert.Equal(400, (await client.GetAsync(AllVersions, ("max_results", "200001"))).Status);
        Assert.Equal(400, (await client.GetAsync(AllVersions, ("order_by", "run_id"))).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Any_filter_finds_what_a_naive_reading_of_it_finds(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        var client = new MLflowClient(app.Http);
        string[] texts = ["a", "A", "ab", "a_b", "a%b", "a*b", "[a]", "b?", "", "aß"];
        var models = texts.Where(text => text.Length > 0).Select((name, i) => (Name: name, Tags: new Dictionary<string, string> { ["k"] = texts[(i * 3) % texts.Length], ["l"] = texts[(i * 7) % texts.Length] })).ToList();
        models[2].Tags.Remove("k");
        foreach (var (name, tags) in models)
        {
            var list = string.Join(", ", tags.Select(tag => $$"""{"key": "{{tag.Key}}", "value": {{MLflowClient.Quote(tag.Value)}}}"""));
            await client.AddModelAsync(name, $$""", "tags": [{{list}}]""");
        }

        string[] patterns = [.. texts, "%", "_", "a%", "%b", "a_b", "A_B", "%*%", "[%", "a__"];
        var clause = Gen.Select(OneOf("name", "tags.k", "tag.l", "tags.m"), OneOf("=", "!=", "LIKE", "ilike"), OneOf(patterns));
        var filters = new List<(string, string, string)[]>();
        clause.Array[1, 3].Sample(filters.Add, iter: 60, threads: 1);
        foreach (var clauses in filters)
        {
            var filter = string.Join(" AND ", clauses.Select(part => $"{part.Item1} {part.Item2} '{part.Item3}'"));
            var expected = models.Where(model => clauses.All(part => Naive.Matches(ValueOf(model.Name, model.Tags, part.Item1), part.Item2, part.Item3))).Select(model => model.Name);

            var found = await client.GetAsync(AllModels, ("filter", filter));

            Assert.True(found.Status == 200, filter + " " + found.Text);
            Assert.Equal((filter, string.Join(' ', expected.Order(StringComparer.Ordinal))), (filter, string.Join(' ', found.Column("registered_models", "name").Order(StringComparer.Ordinal))));
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_breaks_the_reader()
    {
        var piece = Gen.OneOf(
            OneOf("name", "tags.`a b`", "tags.\"x\"", "AND", "OR", "NOT", "IN", "LIKE", "IS", "NULL", "=", "!=", "(", ")", ",", "'a'", "\"b\"", "1.5", "-3", "`", "'", ";", "\\", "🚕", "--"),
            Gen.String[0, 4]);
        piece.Array[0, 12].Sample(
            pieces =>
            {
                foreach (var extended in new[] { false, true })
                {
                    try
                    {
                        FilterParser.Parse(string.Join(' ', pieces), extended);
                    }
                    catch (MLOpsLearn.MLflow.Errors.MLflowException refusal)
                    {
                        Assert.NotEmpty(refusal.Message);
                    }
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void The_wide_grammar_joins_by_or_and_in_parentheses()
    {
        var node = FilterParser.Parse("name = 'a' OR (name = 'b' AND tags.k IN ('x', 'y'))", extended: true);

        var any = Assert.IsType<FilterNode.Any>(node);
        Assert.IsType<FilterNode.All>(any.Nodes[1]);
        Assert.Throws<MLOpsLearn.MLflow.Errors.MLflowException>(() => FilterParser.Parse(new string('(', 5000) + "name = 'a'" + new string(')', 5000), extended: true));
    }

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static string? ValueOf(string name, Dictionary<string, string> tags, string key) => key == "name" ? name : tags.GetValueOrDefault(key.Split('.')[1]);

    private static async Task<MLflowClient> ModelsAsync(RegistryApp app)
    {
        var client = new MLflowClient(app.Http);
        await client.AddModelAsync("a", """, "tags": [{"key": "team", "value": "x"}, {"key": "odd key", "value": "y"}]""");
        await client.AddModelAsync("b", """, "tags": [{"key": "team", "value": "x"}, {"key": "a.b", "value": "dotted"}]""");
        await client.AddModelAsync("C", """, "tags": [{"key": "team", "value": "X"}]""");
        await client.AddModelAsync("d_e");
        await client.AddModelAsync("d%f");
        await client.AddModelAsync("prompt", """, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]""");
        return client;
    }
}
