using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops models list|search|show</c>: which models and versions there are, and who holds which alias.</summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Verb("list", "Lists models with their versions and aliases.", "mlops models list", "mlops models list --json") { json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var models = new List<Model>();
            var page = new ListModelsResponse();
            do
            {
                page = await client.Registry.ListModelsAsync(new ListModelsRequest { PageSize = 1000, PageToken = page.NextPageToken }, cancellationToken: cancellationToken);
                models.AddRange(page.Models);
            }
            while (page.NextPageToken.Length > 0);
            if (parsed.GetValue(json))
            {
                Output.Json(models);
                return ExitCodes.Done;
            }

            WriteModels(models);
            return ExitCodes.Done;
        });
        return new Command("models", "Models and their versions.") { list, Search(), Show() };
    }

    private static Verb Search()
    {
        var filter = new Argument<string>("FILTER") { Description = "On name and tags; AND, OR, parentheses, LIKE, ILIKE." };
        var order = new Option<string[]>("--order-by") { Description = "Entries like \"name DESC\" or last_updated_timestamp.", HelpName = "ENTRY" };
        var limit = Output.Limit();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var search = new Verb("search", "Finds models.", "mlops models search \"name LIKE 'trip%' AND tags.team = 'ops'\"") { filter, order, limit, json };
        server.AddTo(search);
        search.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var found = await client.Registry.SearchModelsAsync(
                new SearchRequest { Filter = parsed.GetValue(filter)!, OrderBy = { parsed.GetValue(order) ?? [] }, PageSize = parsed.GetValue(limit) }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(found.Models);
                return ExitCodes.Done;
            }

            WriteModels(found.Models);
            return ExitCodes.Done;
        });
        return search;
    }

    private static Verb Show()
    {
        var name = new Argument<string>("MODEL") { Description = "Model." };
        var limit = Output.Limit();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var show = new Verb("show", "Lists the versions of a model, newest first.", "mlops models show trip-duration") { name, limit, json };
        server.AddTo(show);
        show.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var found = await client.Registry.ListModelVersionsAsync(
                new ListModelVersionsRequest { Model = parsed.GetValue(name)!, PageSize = parsed.GetValue(limit) }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(found.Versions);
                return ExitCodes.Done;
            }

            var table = Output.Table("Version", "Created", "Stage", "Aliases", "Source");
            foreach (var version in found.Versions)
            {
                table.Row(
                    version.Version.ToString(CultureInfo.InvariantCulture), Output.Time(version.CreateTime), version.Stage, string.Join(", ", version.Aliases), version.Source);
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return show;
    }

    private static void WriteModels(IEnumerable<Model> models)
    {
        var table = Output.Table("Model", "Versions", "Aliases");
        foreach (var model in models)
        {
            table.Row(model.Name, model.LatestVersion.ToString(CultureInfo.InvariantCulture), string.Join(", ", model.Aliases.Select(alias => $"{alias.Alias} → {alias.Version}")));
        }

        Output.Console.Write(table);
    }
}
