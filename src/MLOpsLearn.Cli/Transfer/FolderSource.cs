using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>A folder that <c>mlops export</c> wrote. What stands in it is read as if a stranger had written it.</summary>
internal sealed class FolderSource : ITransferSource
{
    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private readonly string _root;

    /// <exception cref="CommandException">The folder is no whole export, or one of a newer form.</exception>
    public FolderSource(string root)
    {
        _root = root;
        var manifest = Path.Combine(root, FolderTarget.Manifest);
        if (!File.Exists(manifest))
        {
            throw new CommandException($"'{root}' has no {FolderTarget.Manifest}: it is no export, or one that ended in the middle; run the export again, it goes on where it was.");
        }

        var head = Parse(File.ReadAllText(manifest), manifest);
        if (head.Text("format") != FolderTarget.Format || head.Number("version") != FolderTarget.FormatVersion)
        {
            throw new CommandException($"{manifest}: format must be '{FolderTarget.Format}' and version {FolderTarget.FormatVersion}, not '{head.Text("format")}' and {head.Text("version")}.");
        }
    }

    public async IAsyncEnumerable<JsonObject> ExperimentsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_root, "experiments");
        foreach (var path in Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal).ToArray() : [])
        {
            var file = Path.Combine(path, "experiment.json");
            var experiment = Parse(await File.ReadAllTextAsync(file, cancellationToken), file);
            // The folder's name says where its runs are.
            experiment["experiment_id"] = Path.GetFileName(path);
            yield return experiment;
        }
    }

    public async IAsyncEnumerable<JsonObject> RunsAsync(string experimentId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = Path.Combine(_root, "experiments", experimentId, "runs");
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [])
        {
            if (path.EndsWith(".part", StringComparison.Ordinal))
            {
                continue;
            }

            var file = Path.Combine(path, "run.json");
            var run = Parse(await File.ReadAllTextAsync(file, cancellationToken), file);
            if (run["info"] is not JsonObject info)
            {
                throw new CommandException($"{file}: 'info' must be an object.");
            }

            (info["experiment_id"], info["run_id"]) = (experimentId, Path.GetFileName(path));
            yield return run;
        }
    }

    public async IAsyncEnumerable<JsonObject> PointsAsync(JsonObject run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = Path.Combine(FolderOf(run), "points.jsonl");
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            yield return Parse(line, file);
        }
    }

    public async IAsyncEnumerable<SourceFile> FilesAsync(JsonObject run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var file in FilesBelow(Path.Combine(FolderOf(run), "files")))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task<Stream> OpenAsync(JsonObject run, string path, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(File.OpenRead(Path.Combine(FolderOf(run), "files", path)));

    public async IAsyncEnumerable<JsonObject> ModelsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in LinesAsync(cancellationToken))
        {
            yield return line["model"] as JsonObject ?? throw new CommandException("models.jsonl: 'model' must be an object.");
        }
    }

    public async Task<IReadOnlyList<JsonObject>> VersionsAsync(string model, CancellationToken cancellationToken)
    {
        await foreach (var line in LinesAsync(cancellationToken))
        {
            if (line["model"].Text("name") == model)
            {
                return [.. line.List("versions").OrderBy(version => version.Number("version"))];
            }
        }

        return [];
    }

    public async IAsyncEnumerable<SourceFile> VersionFilesAsync(JsonObject version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var file in FolderTarget.FolderOf(_root, version) is { } folder ? FilesBelow(folder) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public Task<Stream> OpenVersionFileAsync(JsonObject version, string path, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(File.OpenRead(Path.Combine(FolderTarget.FolderOf(_root, version)!, path)));

    public void Dispose()
    {
    }

    private static IEnumerable<SourceFile> FilesBelow(string path) => new DirectoryInfo(path) is { Exists: true } folder
        ? folder.EnumerateFiles("*", Below).Select(file => new SourceFile(Path.GetRelativePath(folder.FullName, file.FullName).Replace('\\', '/'), file.Length))
        : [];

    private async IAsyncEnumerable<JsonObject> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = Path.Combine(_root, "models.jsonl");
        if (!File.Exists(file))
        {
            yield break;
        }

        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            yield return Parse(line, file);
        }
    }

    private string FolderOf(JsonObject run) => Path.Combine(_root, "experiments", run["info"].Text("experiment_id"), "runs", MLflowJson.IdOf(run));

    private static JsonObject Parse(string text, string file)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new CommandException($"{file} must hold JSON objects.");
        }
        catch (JsonException exception)
        {
            throw new CommandException($"{file} is no JSON: {exception.Message}");
        }
    }
}
