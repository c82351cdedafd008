using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops models list</c>: which models there are, and who holds which alias.</summary>
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

            var table = Output.Table("Model", "Versions", "Aliases");
            foreach (var model in models)
            {
                table.Row(model.Name, model.LatestVersion.ToString(CultureInfo.InvariantCulture), string.Join(", ", model.Aliases.Select(alias => $"{alias.Alias} → {alias.Version}")));
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return new Command("models", "Models and their versions.") { list };
    }
}
