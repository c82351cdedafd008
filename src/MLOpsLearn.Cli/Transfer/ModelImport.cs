using System.Globalization;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>
/// Brings registered models with their versions, tags, stages and aliases. A version keeps its number where the number is free; it bears the old
/// number as a tag, by which an import that ended in the middle finds it again.
/// </summary>
internal sealed class ModelImport(ITransferSource source, MLflowApi target, TransferSummary summary, Action<string> progress)
{
    private const string VersionTag = "mlopslearn.import.version";
    private const string GapTag = "mlopslearn.import.gap";
    private const int WidestGap = 1000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var model in source.ModelsAsync(cancellationToken))
        {
            var name = model.Text("name");
            try
            {
                await ModelAsync(model, name, cancellationToken);
                summary.AddModel();
                progress($"model '{name}': {summary.Versions} versions brought so far, {summary.VersionsThereAlready} were there");
            }
            catch (MLflowFault fault) when (fault.Code is "INVALID_PARAMETER_VALUE")
            {
                summary.AddSkip($"model '{name}'", fault.Message);
            }
        }
    }

    private async Task ModelAsync(JsonObject model, string name, CancellationToken cancellationToken)
    {
        try
        {
            await target.CreateAsync(
                "registered-models/create",
                new JsonObject { ["name"] = name, ["description"] = model.Text("description"), ["tags"] = MLflowJson.ToArray(model.List("tags")) },
                cancellationToken);
        }
        catch (MLflowFault fault) when (fault.Code == "RESOURCE_ALREADY_EXISTS")
        {
            // From an earlier import, or a model of the same name.
        }

        var there = await MLflowSource.VersionsAsync(target, name, cancellationToken);
        var gaps = there.Where(version => version.Tag(GapTag) is not null).Select(version => version.Text("version")).ToList();
        var next = there.Count > 0 ? there.Max(version => version.Number("version")) + 1 : 1;
        var numbers = there.Where(version => version.Tag(VersionTag) is not null)
            .GroupBy(version => version.Tag(VersionTag)!, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Text("version"), StringComparer.Ordinal);
        var isOurs = there.All(version => version.Tag(VersionTag) is not null || version.Tag(GapTag) is not null);
        foreach (var version in await source.VersionsAsync(name, cancellationToken))
        {
            var number = version.Text("version");
            if (numbers.ContainsKey(number))
            {
                summary.AddKnownVersion();
            }
            else
            {
                if (isOurs && version.Number("version") - next is > 0 and <= WidestGap)
                {
                    gaps.AddRange(await FillAsync(name, version.Number("version"), cancellationToken));
                }

                if (await VersionAsync(name, version, cancellationToken) is { } made)
                {
                    numbers[number] = made;
                    next = long.Parse(made, CultureInfo.InvariantCulture) + 1;
                    summary.AddVersion();
                }
            }

            // Also of one that is there: the import may have ended right behind its creation.
            if (numbers.TryGetValue(number, out var at) && version.Text("current_stage") is { Length: > 0 } stage and not "None")
            {
                await target.SendAsync(
                    HttpMethod.Post, "model-versions/transition-stage", new JsonObject { ["name"] = name, ["version"] = at, ["stage"] = stage }, cancellationToken);
            }
        }

        // Last: as long as one is there, an import that ended in the middle knows which numbers are taken.
        foreach (var gap in gaps)
        {
            await target.SendAsync(HttpMethod.Delete, "model-versions/delete", new JsonObject { ["name"] = name, ["version"] = gap }, cancellationToken);
        }

        await AliasesAsync(model, name, numbers, cancellationToken);
    }

    private async Task AliasesAsync(JsonObject model, string name, Dictionary<string, string> numbers, CancellationToken cancellationToken)
    {
        foreach (var alias in model.List("aliases"))
        {
            if (!numbers.TryGetValue(alias.Text("version"), out var version))
            {
                summary.AddSkip($"alias '{alias.Text("alias")}' of model '{name}'", $"its version {alias.Text("version")} was not brought");
                continue;
            }

            await target.SendAsync(
                HttpMethod.Post, "registered-models/alias", new JsonObject { ["name"] = name, ["alias"] = alias.Text("alias"), ["version"] = version }, cancellationToken);
            summary.AddAlias();
        }
    }

    private async Task<string?> VersionAsync(string name, JsonObject version, CancellationToken cancellationToken)
    {
        var number = version.Text("version");
        var (runId, path) = (version.Text("run_id"), version["path_in_run"]?.ToString());
        var run = runId.Length > 0 ? await RunImport.FindAsync(target, runId, cancellationToken) : null;
        if (run is not null && path is null)
        {
            path = await FilesAsync(name, version, run, cancellationToken);
        }

        // A source that nobody can follow is kept as it was written: its files stay where they are.
        var place = run is not null && path is not null ? $"runs:/{run}/{path}" : version.Text("source");
        if (run is null || path is null)
        {
            summary.AddSkip($"files of version {number} of model '{name}'", "they belong to no run that was brought, or lie outside the other server's store; the version names their old place");
        }

        try
        {
            var made = await target.CreateAsync(
                "model-versions/create",
                new JsonObject
                {
                    ["name"] = name,
                    ["source"] = place,
                    ["run_id"] = run ?? "",
                    ["run_link"] = version.Text("run_link"),
                    ["description"] = version.Text("description"),
                    ["tags"] = MLflowJson.ToArray(version.List("tags").Where(tag => tag.Text("key") is not (VersionTag or GapTag)).Append(MLflowJson.Pair(VersionTag, number))),
                },
                cancellationToken);
            return made["model_version"].Text("version");
        }
        catch (MLflowFault fault)
        {
            summary.AddSkip($"version {number} of model '{name}'", fault.Message);
            return null;
        }
    }

    /// <summary>Puts the files of a version that are no run's into its run. Says where; null when there are none.</summary>
    private async Task<string?> FilesAsync(string name, JsonObject version, string run, CancellationToken cancellationToken)
    {
        var (folder, count) = ($"registered/{name}/{version.Number("version")}", 0);
        try
        {
            await foreach (var file in source.VersionFilesAsync(version, cancellationToken))
            {
                if (!PlainPath.Is($"{folder}/{file.Path}"))
                {
                    summary.AddSkip($"file '{file.Path}' of version {version.Text("version")} of model '{name}'", "its path leads out of the run");
                    continue;
                }

                await using var content = await source.OpenVersionFileAsync(version, file.Path, cancellationToken);
                await target.UploadAsync(RunImport.AddressOf(run, $"{folder}/{file.Path}"), content, cancellationToken);
                summary.AddFile(file.Size);
                count++;
            }
        }
        catch (MLflowFault fault)
        {
            summary.AddSkip($"files of version {version.Text("version")} of model '{name}'", fault.Message);
        }

        return count > 0 ? folder : null;
    }

    /// <summary>Takes the numbers of versions that were deleted where the model came from, so that the others keep theirs.</summary>
    private async Task<List<string>> FillAsync(string name, long until, CancellationToken cancellationToken)
    {
        var made = new List<string>();
        do
        {
            var version = await target.CreateAsync(
                "model-versions/create",
                new JsonObject { ["name"] = name, ["source"] = "runs:/none/none", ["tags"] = new JsonArray(MLflowJson.Pair(GapTag, "true")) },
                cancellationToken);
            made.Add(version["model_version"].Text("version"));
        }
        while (long.Parse(made[^1], CultureInfo.InvariantCulture) < until - 1);
        return made;
    }
}
