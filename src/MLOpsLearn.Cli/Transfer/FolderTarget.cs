using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>
/// Writes experiments, runs and models to a folder. A run's folder gets its name when it is whole, so an export that ended in the middle goes on where it was.
/// </summary>
internal sealed class FolderTarget(ITransferSource source, string root, TransferSummary summary, Action<string> progress)
{
    public const string Manifest = "manifest.json";
    public const string Format = "mlopslearn-export";
    public const int FormatVersion = 1;

    public async Task RunAsync(IReadOnlyCollection<string> only, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(root);
        await foreach (var experiment in source.ExperimentsAsync(cancellationToken))
        {
            if (only.Count > 0 && !only.Contains(experiment.Text("name")))
            {
                continue;
            }

            var folder = Directory.CreateDirectory(Path.Combine(root, "experiments", $"{experiment.Number("experiment_id")}")).FullName;
            await WriteAsync(Path.Combine(folder, "experiment.json"), experiment.ToJsonString(), cancellationToken);
            await foreach (var run in source.RunsAsync(experiment.Text("experiment_id"), cancellationToken))
            {
                await RunAsync(Path.Combine(folder, "runs"), run, cancellationToken);
            }

            summary.AddExperiment();
            progress($"experiment '{experiment.Text("name")}': {summary.Runs} runs written so far, {summary.RunsThereAlready} were there");
        }

        await ModelsAsync(cancellationToken);
        // Last: a folder without it is no whole export.
        await WriteAsync(Path.Combine(root, Manifest), new JsonObject { ["format"] = Format, ["version"] = FormatVersion }.ToJsonString(), cancellationToken);
    }

    private async Task RunAsync(string folder, JsonObject run, CancellationToken cancellationToken)
    {
        var id = MLflowJson.IdOf(run);
        var (whole, part) = (Path.Combine(folder, id), Path.Combine(folder, id + ".part"));
        if (Directory.Exists(whole))
        {
            summary.AddKnownRun();
            return;
        }

        if (Directory.Exists(part))
        {
            Directory.Delete(part, recursive: true);
        }

        Directory.CreateDirectory(part);
        await File.WriteAllTextAsync(Path.Combine(part, "run.json"), run.ToJsonString(), cancellationToken);
        var points = 0L;
        await using (var writer = new StreamWriter(Path.Combine(part, "points.jsonl")))
        {
            await foreach (var point in source.PointsAsync(run, cancellationToken))
            {
                await writer.WriteLineAsync(point.ToJsonString().AsMemory(), cancellationToken);
                points++;
            }
        }

        await foreach (var file in source.FilesAsync(run, cancellationToken))
        {
            await FileAsync(Path.Combine(part, "files"), $"run {id}", file, () => source.OpenAsync(run, file.Path, cancellationToken), cancellationToken);
        }

        Directory.Move(part, whole);
        summary.AddRun(points);
    }

    /// <summary>Where the files of a version lie that are no run's; null for a name that can't be a folder's.</summary>
    public static string? FolderOf(string root, JsonObject version) =>
        version.Text("name") is var name && PlainPath.Is(name) && !name.Contains('/') ? Path.Combine(root, "versions", name, $"{version.Number("version")}") : null;

    private async Task FileAsync(string folder, string owner, SourceFile file, Func<Task<Stream>> open, CancellationToken cancellationToken)
    {
        if (!PlainPath.Is(file.Path))
        {
            summary.AddSkip($"file '{file.Path}' of {owner}", "its path can't be one of every file system");
            return;
        }

        try
        {
            await using var content = await open();
            var path = Path.Combine(folder, Path.Combine(file.Path.Split('/')));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await using var target = File.Create(path);
            await content.CopyToAsync(target, cancellationToken);
            summary.AddFile(target.Length);
        }
        catch (MLflowFault fault)
        {
            summary.AddSkip($"file '{file.Path}' of {owner}", fault.Message);
        }
    }

    private async Task ModelsAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(root, "models.jsonl");
        await using (var writer = new StreamWriter(path + ".part"))
        {
            await foreach (var model in source.ModelsAsync(cancellationToken))
            {
                var versions = await source.VersionsAsync(model.Text("name"), cancellationToken);
                var line = new JsonObject { ["model"] = model.DeepClone(), ["versions"] = MLflowJson.ToArray(versions) };
                await writer.WriteLineAsync(line.ToJsonString(JsonSerializerOptions.Default).AsMemory(), cancellationToken);
                summary.AddModel();
                foreach (var version in versions)
                {
                    await VersionFilesAsync(version, cancellationToken);
                    summary.AddVersion();
                }
            }
        }

        File.Move(path + ".part", path, overwrite: true);
    }

    private async Task VersionFilesAsync(JsonObject version, CancellationToken cancellationToken)
    {
        var owner = $"version {version.Text("version")} of model '{version.Text("name")}'";
        await foreach (var file in source.VersionFilesAsync(version, cancellationToken))
        {
            if (FolderOf(root, version) is not { } folder)
            {
                summary.AddSkip($"files of {owner}", "the model's name can't be one of every file system");
                return;
            }

            await FileAsync(folder, owner, file, () => source.OpenVersionFileAsync(version, file.Path, cancellationToken), cancellationToken);
        }
    }

    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(path + ".part", text, cancellationToken);
        File.Move(path + ".part", path, overwrite: true);
    }
}
