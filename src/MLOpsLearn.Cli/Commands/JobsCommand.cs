using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Training.V1;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops jobs list</c>: what was trained, why, and what came of it.</summary>
internal static class JobsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Command("list", "Lists the newest training jobs.\n\nExample:\n  mlops jobs list") { json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var page = await client.Training.ListJobsAsync(new ListJobsRequest { PageSize = 50 }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(page.Jobs);
                return ExitCodes.Done;
            }

            var table = Output.Table("Created", "Pipeline", "State", "Trigger", "Version", "Outcome");
            foreach (var job in page.Jobs)
            {
                table.Row(
                    job.CreateTime.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    job.Pipeline,
                    job.State.ToString(),
                    $"{job.Trigger?.Kind}: {job.Trigger?.Reason}",
                    job.ModelVersion == 0 ? "" : job.ModelVersion.ToString(CultureInfo.InvariantCulture),
                    job.Outcome.Length > 0 ? $"{job.Outcome}: {job.OutcomeReason}" : job.Message);
            }

            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return new Command("jobs", "Training jobs.") { list };
    }
}
