using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops gc</c>: removes for good what was deleted some time ago.</summary>
internal static class GcCommand
{
    public static Command Create()
    {
        var days = new Option<double>("--older-than-days") { Description = "How many days a run must have been deleted, 0 to 3650.", DefaultValueFactory = _ => 30 };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 3650))
            {
                result.AddError("--older-than-days must be between 0 and 3650.");
            }
        });
        var experiments = new Option<long[]>("--experiment") { Description = "Only runs of this experiment; may be given more than once.", HelpName = "ID" };
        var retention = new Option<bool>("--retention") { Description = "Apply the retention policies of the experiments and the server, instead of --older-than-days." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would go." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb(
            "gc",
            "Removes deleted runs with their artifacts and deleted experiments for good, and contents that nothing refers to any more.",
            "mlops gc --dry-run",
            "mlops gc --older-than-days 0 --experiment 3",
            "mlops gc --retention --dry-run") { days, experiments, retention, dryRun, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(retention) && result.GetResult(days) is { Implicit: false })
            {
                result.AddError("--older-than-days can't be given with --retention: the policies say it.");
            }
        });
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var isDry = parsed.GetValue(dryRun);
            var answer = await client.Tracking.CollectGarbageAsync(
                new CollectGarbageRequest
                {
                    DeletedForSeconds = parsed.GetValue(retention) ? 0 : (long)(parsed.GetValue(days) * 24 * 3600),
                    ApplyRetention = parsed.GetValue(retention),
                    ExperimentIds = { parsed.GetValue(experiments) ?? [] },
                    DryRun = isDry,
                },
                cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(answer);
                return ExitCodes.Done;
            }

            foreach (var run in answer.Listed)
            {
                var what = (isDry, run.IsForGood) switch { (true, true) => "would go", (true, false) => "would be marked deleted", (false, true) => "gone", _ => "marked deleted" };
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.RunId}  experiment {run.ExperimentId}  {what}: {run.Reason}"));
            }

            if (answer.Expired + answer.Runs > answer.Listed.Count)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"... and {answer.Expired + answer.Runs - answer.Listed.Count} more"));
            }

            if (parsed.GetValue(retention))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Expired} runs {(isDry ? "would be" : "are")} marked deleted."));
            }

            if (answer.Registered > 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Registered} deleted runs stay: versions of registered models came from them."));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{answer.Runs} runs with {answer.Artifacts} files ({answer.ArtifactBytes} bytes) and {answer.Experiments} experiments {(isDry ? "would go" : "are gone")}{(isDry ? "." : $"; {answer.Contents} contents ({answer.ContentBytes} bytes) freed.")}"));
            return ExitCodes.Done;
        });
        return command;
    }
}
