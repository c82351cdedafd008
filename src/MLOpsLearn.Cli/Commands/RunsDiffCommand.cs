using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MLOpsLearn.Cli.Runs;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops runs diff</c>: in what runs differ, side by side.</summary>
internal static class RunsDiffCommand
{
    private const int MostRuns = 8;

    public static Verb Create()
    {
        var ids = new Argument<string[]>("RUNS") { Description = $"Ids of 2 to {MostRuns} runs.", Arity = new ArgumentArity(2, MostRuns) };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var diff = new Verb(
            "diff",
            "Shows only what differs: metrics, the largest relative difference first, then params, tags and datasets.",
            "mlops runs diff 0193a4c5b6d7e8f90a1b2c3d4e5f6071 0193a4c5b6d7e8f90a1b2c3d4e5f6072") { ids, json };
        server.AddTo(diff);
        diff.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var runs = new List<Run>();
            foreach (var id in parsed.GetValue(ids)!)
            {
                runs.Add(await client.Tracking.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: cancellationToken));
            }

            var differences = RunDiff.Of(runs);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        Runs = runs.Select(run => run.RunId),
                        // JSON has no infinity: a metric that a run lacks has no size.
                        Differences = differences.Select(difference => new
                        {
                            difference.Kind,
                            difference.Name,
                            difference.Values,
                            RelativeDifference = difference.Size is { } size && double.IsFinite(size) ? size : (double?)null,
                        }),
                    },
                    Output.SnakeCase));
                return ExitCodes.Done;
            }

            if (differences.Count == 0)
            {
                Console.WriteLine("The runs differ in nothing that they logged.");
                return ExitCodes.Done;
            }

            var table = Output.Table(["Kind", "Name", .. runs.Select(run => run.Name.Length > 0 ? $"{run.Name} ({run.RunId[^6..]})" : run.RunId), "Difference"]);
            foreach (var difference in differences)
            {
                table.Row([difference.Kind, difference.Name, .. difference.Values.Select(value => value ?? "–"), SizeOf(difference)]);
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return diff;
    }

    private static string SizeOf(Difference difference) =>
        difference.Size is { } size && double.IsFinite(size) ? string.Create(CultureInfo.InvariantCulture, $"{size * 100:G3} %") : "";
}
