using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>Any server that speaks MLflow's REST API.</summary>
internal sealed class MLflowSource(MLflowApi api) : ITransferSource
{
    private const int RunsPerPage = 50;
    private const int PointsPerPage = 5000;
    private const int MostFolders = 10_000;
    private const string StoreScheme = "mlflow-artifacts:/";
    private const string StoreField = "path_in_store";

    public async IAsyncEnumerable<JsonObject> ExperimentsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(
            token => api.SendAsync(HttpMethod.Post, "experiments/search", new JsonObject { ["max_results"] = 200, ["page_token"] = token, ["order_by"] = new JsonArray("experiment_id ASC") }, cancellationToken)))
        {
            foreach (var experiment in page.List("experiments"))
            {
                yield return experiment;
            }
        }
    }

    public async IAsyncEnumerable<JsonObject> RunsAsync(string experimentId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(token => api.SendAsync(
            HttpMethod.Post,
            "runs/search",
            // The oldest first: runs that begin meanwhile come at the end.
            new JsonObject { ["experiment_ids"] = new JsonArray(experimentId), ["max_results"] = RunsPerPage, ["page_token"] = token, ["order_by"] = new JsonArray("attributes.start_time ASC") },
            cancellationToken)))
        {
            foreach (var run in page.List("runs"))
            {
                yield return run;
            }
        }
    }

    public async IAsyncEnumerable<JsonObject> PointsAsync(JsonObject run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var metric in run["data"].List("metrics"))
        {
            await foreach (var page in PagesAsync(token => api.GetAsync(
                "metrics/get-history",
                [("run_id", MLflowJson.IdOf(run)), ("metric_key", metric.Text("key")), ("max_results", $"{PointsPerPage}"), ("page_token", token)],
                cancellationToken)))
            {
                foreach (var point in page.List("metrics"))
                {
                    yield return point;
                }
            }
        }
    }

    public async IAsyncEnumerable<SourceFile> FilesAsync(JsonObject run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (folders, seen) = (new Stack<string>([""]), 0);
        while (folders.TryPop(out var folder))
        {
            await foreach (var page in PagesAsync(token => api.GetAsync(
                "artifacts/list", [("run_id", MLflowJson.IdOf(run)), ("path", folder.Length > 0 ? folder : null), ("page_token", token)], cancellationToken)))
            {
                foreach (var file in page.List("files"))
                {
                    // A server that lists a folder within itself must not lead us on for ever.
                    var path = file.Text("path");
                    if (file.Text("is_dir") is not ("true" or "True"))
                    {
                        yield return new SourceFile(path, file.Number("file_size"));
                    }
                    else if (path.StartsWith(folder, StringComparison.Ordinal) && path.Length > folder.Length && ++seen <= MostFolders)
                    {
                        folders.Push(path);
                    }
                }
            }
        }
    }

    public Task<Stream> OpenAsync(JsonObject run, string path, CancellationToken cancellationToken) =>
        api.DownloadAsync($"get-artifact?run_id={Uri.EscapeDataString(MLflowJson.IdOf(run))}&path={Uri.EscapeDataString(path)}", cancellationToken);

    public async IAsyncEnumerable<JsonObject> ModelsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in PagesAsync(token => api.GetAsync("registered-models/search", [("max_results", "100"), ("page_token", token)], cancellationToken)))
        {
            foreach (var model in page.List("registered_models"))
            {
                // Some servers leave the aliases out of what a search finds.
                yield return (await api.GetAsync("registered-models/get", [("name", model.Text("name"))], cancellationToken))["registered_model"] as JsonObject ?? model;
            }
        }
    }

    public async Task<IReadOnlyList<JsonObject>> VersionsAsync(string model, CancellationToken cancellationToken)
    {
        var versions = await VersionsAsync(api, model, cancellationToken);
        foreach (var version in versions)
        {
            version["path_in_run"] = await PathInRunAsync(version, cancellationToken);
            version[StoreField] = version["path_in_run"] is null ? await PathInStoreAsync(version, cancellationToken) : null;
        }

        return versions;
    }

    /// <summary>Versions of a model on a server, by number.</summary>
    public static async Task<IReadOnlyList<JsonObject>> VersionsAsync(MLflowApi api, string model, CancellationToken cancellationToken)
    {
        var versions = new List<JsonObject>();
        // No escape sequences in filters: the other kind of quote for a name that has one.
        var name = model.Contains('\'', StringComparison.Ordinal) ? $"\"{model}\"" : $"'{model}'";
        await foreach (var page in PagesAsync(token => api.GetAsync("model-versions/search", [("filter", $"name={name}"), ("max_results", "1000"), ("page_token", token)], cancellationToken)))
        {
            versions.AddRange(page.List("model_versions"));
        }

        return [.. versions.OrderBy(version => version.Number("version"))];
    }

    public async IAsyncEnumerable<SourceFile> VersionFilesAsync(JsonObject version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (version.Text(StoreField) is not { Length: > 0 } root)
        {
            yield break;
        }

        var (folders, seen) = (new Stack<string>([""]), 0);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in (await api.ListStoreAsync(folder.Length > 0 ? $"{root}/{folder}" : root, cancellationToken)).List("files"))
            {
                // A listing of the store has names without their folder.
                var path = folder.Length > 0 ? $"{folder}/{entry.Text("path")}" : entry.Text("path");
                if (entry.Text("is_dir") is not ("true" or "True"))
                {
                    yield return new SourceFile(path, entry.Number("file_size"));
                }
                else if (++seen <= MostFolders)
                {
                    folders.Push(path);
                }
            }
        }
    }

    public Task<Stream> OpenVersionFileAsync(JsonObject version, string path, CancellationToken cancellationToken) =>
        api.DownloadAsync($"api/2.0/mlflow-artifacts/artifacts/{string.Join('/', $"{version.Text(StoreField)}/{path}".Split('/').Select(Uri.EscapeDataString))}", cancellationToken);

    public void Dispose() => api.Dispose();

    private async Task<string?> PathInStoreAsync(JsonObject version, CancellationToken cancellationToken)
    {
        try
        {
            var found = await api.GetAsync("model-versions/get-download-uri", [("name", version.Text("name")), ("version", version.Text("version"))], cancellationToken);
            // Two slashes would name another host.
            return found.Text("artifact_uri") is var uri && uri.StartsWith(StoreScheme, StringComparison.Ordinal) && PlainPath.Is(uri[StoreScheme.Length..].TrimEnd('/'))
                ? uri[StoreScheme.Length..].TrimEnd('/')
                : null;
        }
        catch (MLflowFault)
        {
            return null;
        }
    }

    private async Task<string?> PathInRunAsync(JsonObject version, CancellationToken cancellationToken)
    {
        var (runId, source) = (version.Text("run_id"), version.Text("source"));
        if (runId.Length == 0)
        {
            return null;
        }

        if (Below($"runs:/{runId}", source) is { } path)
        {
            return path;
        }

        try
        {
            var run = await api.GetAsync("runs/get", [("run_id", runId)], cancellationToken);
            return Below(run["run"]?["info"].Text("artifact_uri") ?? "", source);
        }
        catch (MLflowFault fault) when (fault.IsMissing)
        {
            return null;
        }
    }

    private static string? Below(string root, string source) =>
        root.Length > 0 && source.StartsWith(root + "/", StringComparison.Ordinal) ? source[(root.Length + 1)..].Trim('/') : null;

    private static async IAsyncEnumerable<JsonObject> PagesAsync(Func<string?, Task<JsonObject>> read)
    {
        string? token = null;
        do
        {
            var page = await read(token);
            yield return page;
            var next = page.Text("next_page_token");
            if (next == token)
            {
                throw new MLflowFault("PAGES", "The server gives the same page for ever.");
            }

            token = next.Length > 0 ? next : null;
        }
        while (token is not null);
    }
}
