using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>
/// Brings experiments with their runs to a server. A run bears its old id as a tag from its creation on, and another tag once it is whole: so an
/// import that ended in the middle goes on where it was, and neither loses nor doubles anything.
/// </summary>
internal sealed class RunImport(ITransferSource source, MLflowApi target, TransferSummary summary, Action<string> progress)
{
    /// <summary>The run's id where it came from.</summary>
    public const string SourceTag = "mlopslearn.import.run";
    public const string StateTag = "mlopslearn.import.state";
    private const string Whole = "whole";
    private const int RunsAtOnce = 4;
    private const int RunsPerLook = 50;
    private const int MostPoints = 1000;
    private const int MostTexts = 100;

    public async Task RunAsync(IReadOnlyCollection<string> only, CancellationToken cancellationToken)
    {
        await foreach (var experiment in source.ExperimentsAsync(cancellationToken))
        {
            var name = experiment.Text("name");
            if (only.Count > 0 && !only.Contains(name))
            {
                continue;
            }

            if (await ExperimentAsync(experiment, cancellationToken) is not { } id)
            {
                continue;
            }

            var look = new List<JsonObject>(RunsPerLook);
            await foreach (var run in source.RunsAsync(experiment.Text("experiment_id"), cancellationToken))
            {
                look.Add(run);
                if (look.Count == RunsPerLook)
                {
                    await RunsAsync(id, look, cancellationToken);
                    look.Clear();
                }
            }

            await RunsAsync(id, look, cancellationToken);
            summary.AddExperiment();
            progress($"experiment '{name}': {summary.Runs} runs brought so far, {summary.RunsThereAlready} were there");
        }
    }

    /// <summary>The id here of a run that was brought.</summary>
    public static async Task<string?> FindAsync(MLflowApi target, string sourceId, CancellationToken cancellationToken) =>
        (await FindAsync(target, [sourceId], cancellationToken)).FirstOrDefault() is { } run ? MLflowJson.IdOf(run) : null;

    /// <summary>Where a file of a run is put.</summary>
    public static string AddressOf(string runId, string path) => $"api/tracking/v1/runs/{runId}/artifacts/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";

    private static async Task<IReadOnlyList<JsonObject>> FindAsync(MLflowApi target, IEnumerable<string> sourceIds, CancellationToken cancellationToken)
    {
        var filter = string.Join(" OR ", sourceIds.Select(id => $"tags.\"{SourceTag}\" = '{id}'"));
        var found = await target.SendAsync(
            HttpMethod.Post,
            "runs/search",
            new JsonObject { ["all_experiments"] = true, ["extended_filter"] = true, ["filter"] = filter, ["max_results"] = 10 * RunsPerLook, ["run_view_type"] = "ALL" },
            cancellationToken);
        return [.. found.List("runs")];
    }

    private async Task<string?> ExperimentAsync(JsonObject experiment, CancellationToken cancellationToken)
    {
        var name = experiment.Text("name");
        try
        {
            var there = (await target.GetAsync("experiments/get-by-name", [("experiment_name", name)], cancellationToken))["experiment"];
            if (there.Text("lifecycle_stage") == "deleted")
            {
                summary.AddSkip($"experiment '{name}'", "a deleted experiment here has its name: restore it, or remove it with mlops gc");
                return null;
            }

            return there.Text("experiment_id");
        }
        catch (MLflowFault fault) when (fault.IsMissing)
        {
            var tags = MLflowJson.ToArray(experiment.List("tags"));
            return (await target.CreateAsync("experiments/create", new JsonObject { ["name"] = name, ["tags"] = tags }, cancellationToken)).Text("experiment_id");
        }
    }

    private async Task RunsAsync(string experimentId, List<JsonObject> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return;
        }

        var usable = runs.Where(run => MLflowJson.IdOf(run) is { Length: > 0 and <= 256 } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')).DistinctBy(MLflowJson.IdOf).ToList();
        var there = (await FindAsync(target, usable.Select(MLflowJson.IdOf), cancellationToken)).ToLookup(run => run["data"].Tag(SourceTag));
        await Parallel.ForEachAsync(usable, new ParallelOptions { MaxDegreeOfParallelism = RunsAtOnce, CancellationToken = cancellationToken }, async (run, token) =>
        {
            var known = there[MLflowJson.IdOf(run)].FirstOrDefault();
            if (known?["data"].Tag(StateTag) == Whole)
            {
                summary.AddKnownRun();
            }
            else if (known?["info"].Text("lifecycle_stage") == "deleted")
            {
                summary.AddSkip($"run {MLflowJson.IdOf(run)}", "it was brought before and has been deleted here since");
            }
            else
            {
                await RunAsync(experimentId, run, known is null ? null : MLflowJson.IdOf(known), token);
            }
        });
        if (runs.Count > usable.Count)
        {
            summary.AddSkip($"{runs.Count - usable.Count} runs", "their ids can't be ids, or came twice");
        }
    }

    private async Task RunAsync(string experimentId, JsonObject run, string? id, CancellationToken cancellationToken)
    {
        var (info, data) = (run["info"]!, run["data"]);
        id ??= MLflowJson.IdOf((JsonObject)(await target.CreateAsync(
            "runs/create",
            new JsonObject
            {
                ["experiment_id"] = experimentId,
                ["run_name"] = info.Text("run_name"),
                ["user_id"] = info.Text("user_id"),
                ["start_time"] = info.Number("start_time"),
                ["tags"] = new JsonArray(MLflowJson.Pair(SourceTag, MLflowJson.IdOf(run))),
            },
            cancellationToken))["run"]!);
        foreach (var part in data.List("params").Chunk(MostTexts))
        {
            await LogAsync(id, "params", part, cancellationToken);
        }

        // Tags of an import that this server's runs went through before are not this one's.
        foreach (var part in data.List("tags").Where(tag => !tag.Text("key").StartsWith("mlopslearn.import.", StringComparison.Ordinal)).Chunk(MostTexts))
        {
            await LogAsync(id, "tags", part, cancellationToken);
        }

        var points = await PointsAsync(id, run, cancellationToken);
        if (run["inputs"].List("dataset_inputs").ToList() is { Count: > 0 } datasets)
        {
            await target.SendAsync(HttpMethod.Post, "runs/log-inputs", new JsonObject { ["run_id"] = id, ["datasets"] = MLflowJson.ToArray(datasets) }, cancellationToken);
        }

        await FilesAsync(id, run, cancellationToken);
        var end = new JsonObject { ["run_id"] = id, ["status"] = info.Text("status") };
        if (info.Number("end_time") > 0)
        {
            end["end_time"] = info.Number("end_time");
        }

        await target.SendAsync(HttpMethod.Post, "runs/update", end, cancellationToken);
        await LogAsync(id, "tags", [MLflowJson.Pair(StateTag, Whole)], cancellationToken);
        summary.AddRun(points);
    }

    private async Task<long> PointsAsync(string id, JsonObject run, CancellationToken cancellationToken)
    {
        var (batch, count) = (new List<JsonObject>(MostPoints), 0L);
        await foreach (var point in source.PointsAsync(run, cancellationToken))
        {
            batch.Add(new JsonObject
            {
                ["key"] = point.Text("key"),
                ["value"] = point["value"]?.DeepClone(),
                ["timestamp"] = point.Number("timestamp"),
                ["step"] = point.Number("step"),
            });
            count++;
            if (batch.Count == MostPoints)
            {
                await LogAsync(id, "metrics", batch, cancellationToken);
                batch.Clear();
            }
        }

        if (batch.Count > 0)
        {
            await LogAsync(id, "metrics", batch, cancellationToken);
        }

        return count;
    }

    private async Task FilesAsync(string id, JsonObject run, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var file in source.FilesAsync(run, cancellationToken))
            {
                await FileAsync(id, run, file, cancellationToken);
            }
        }
        catch (MLflowFault fault)
        {
            summary.AddSkip($"files of run {MLflowJson.IdOf(run)}", $"they can't be listed: {fault.Message}");
        }
    }

    private async Task FileAsync(string id, JsonObject run, SourceFile file, CancellationToken cancellationToken)
    {
        if (!PlainPath.Is(file.Path))
        {
            summary.AddSkip($"file '{file.Path}' of run {MLflowJson.IdOf(run)}", "its path leads out of the run");
            return;
        }

        try
        {
            await using var content = await source.OpenAsync(run, file.Path, cancellationToken);
            await target.UploadAsync(AddressOf(id, file.Path), content, cancellationToken);
            summary.AddFile(file.Size);
        }
        catch (MLflowFault fault)
        {
            summary.AddSkip($"file '{file.Path}' of run {MLflowJson.IdOf(run)}", fault.Message);
        }
    }

    private Task LogAsync(string id, string what, IEnumerable<JsonNode> entries, CancellationToken cancellationToken) =>
        target.SendAsync(HttpMethod.Post, "runs/log-batch", new JsonObject { ["run_id"] = id, [what] = MLflowJson.ToArray(entries) }, cancellationToken);
}
