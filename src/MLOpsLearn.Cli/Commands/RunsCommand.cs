using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops runs list|search|show|diff|sync</c>: what was tried, and what came out.</summary>
internal static class RunsCommand
{
    private const int MetricsShown = 3;

    public static Command Create() => new("runs", "Runs, what they logged, and in what they differ.")
    {
        List("list", "Lists runs, newest first.", null, "mlops runs list --experiment trips", "mlops runs list --limit 5 --json"),
        List(
            "search",
            "Finds runs.",
            new Argument<string>("FILTER") { Description = "On metrics, params, tags, datasets and attributes; AND, OR, parentheses, LIKE, ILIKE." },
            "mlops runs search \"metrics.rmse < 4 AND params.trees = '200'\" --order-by \"metrics.rmse ASC\"",
            "mlops runs search \"attributes.status = 'FAILED' AND (tags.team = 'ops' OR tags.team = 'ml')\" --experiment trips"),
        Show(),
        RunsDiffCommand.Create(),
        RunsSyncCommand.Create(),
    };

    /// <summary>How a status is shown.</summary>
    public static string StatusOf(Run run) => run.Status.ToString().ToUpperInvariant();

    private static Verb List(string verb, string description, Argument<string>? filter, params string[] examples)
    {
        var experiment = new Option<string[]>("--experiment") { Description = "Only runs of this experiment; may be given more than once.", HelpName = "NAME" };
        var order = new Option<string[]>("--order-by") { Description = "Entries like \"metrics.rmse ASC\" or \"attributes.start_time DESC\".", HelpName = "ENTRY" };
        var limit = Output.Limit();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Verb(verb, description, examples) { experiment, order, limit, json };
        if (filter is not null)
        {
            list.Arguments.Add(filter);
        }

        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var runs = await client.SearchRunsAsync(
                    filter is null ? "" : parsed.GetValue(filter)!, parsed.GetValue(experiment), parsed.GetValue(order), cancellationToken)
                .Take(parsed.GetValue(limit)).ToListAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(runs);
                return ExitCodes.Done;
            }

            var table = Output.Table("Run", "Name", "Status", "Started", "Metrics");
            foreach (var run in runs)
            {
                var metrics = run.Metrics.Take(MetricsShown).Select(metric => string.Create(CultureInfo.InvariantCulture, $"{metric.Key} {metric.Value:G5}"));
                var more = run.Metrics.Count > MetricsShown ? $" and {run.Metrics.Count - MetricsShown} more" : "";
                table.Row(run.RunId, run.Name, StatusOf(run), Output.Time(run.StartTime), string.Join(", ", metrics) + more);
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return list;
    }

    private static Verb Show()
    {
        var id = new Argument<string>("RUN") { Description = "Id of the run." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var show = new Verb("show", "Shows all that a run logged.", "mlops runs show 0193a4c5b6d7e8f90a1b2c3d4e5f6071 --json") { id, json };
        server.AddTo(show);
        show.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var run = await client.Tracking.GetRunAsync(new GetRunRequest { RunId = parsed.GetValue(id)! }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(run);
                return ExitCodes.Done;
            }

            var table = Output.Table("Kind", "Name", "Value");
            table.Row("run", "name", run.Name);
            table.Row("run", "experiment", run.ExperimentId.ToString(CultureInfo.InvariantCulture));
            table.Row("run", "status", StatusOf(run));
            table.Row("run", "started", Output.Time(run.StartTime));
            table.Row("run", "ended", Output.Time(run.EndTime));
            foreach (var metric in run.Metrics)
            {
                table.Row("metric", metric.Key, string.Create(CultureInfo.InvariantCulture, $"{metric.Value:R} at step {metric.Step}"));
            }

            Add(table, "param", run.Params);
            Add(table, "tag", run.Tags);
            foreach (var dataset in run.Datasets)
            {
                table.Row("dataset", dataset.Name, string.Create(CultureInfo.InvariantCulture, $"{dataset.Digest}, {dataset.Rows} rows, {dataset.Context}"));
            }

            await foreach (var artifact in client.ListArtifactsAsync(run.RunId, cancellationToken))
            {
                table.Row("artifact", artifact.Path, string.Create(CultureInfo.InvariantCulture, $"{artifact.SizeBytes} bytes"));
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return show;
    }

    private static void Add(Spectre.Console.Table table, string kind, IDictionary<string, string> texts)
    {
        foreach (var (key, value) in texts.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            table.Row(kind, key, value);
        }
    }
}
