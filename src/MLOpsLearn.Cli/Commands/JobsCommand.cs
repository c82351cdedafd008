using System.CommandLine;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops jobs</c>: what was trained, why, and what came of it.</summary>
internal static class JobsCommand
{
    public static Command Create() => new("jobs", "Training jobs.") { CreateList(), CreateShow() };

    private static Verb CreateList()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var limit = Output.Limit();
        var server = new ServerOptions();
        var list = new Verb("list", "Lists the newest training jobs.", "mlops jobs list", "mlops jobs list --limit 5 --json") { limit, json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var page = await client.Training.ListJobsAsync(new ListJobsRequest { PageSize = parsed.GetValue(limit) }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(page.Jobs);
                return ExitCodes.Done;
            }

            var table = Output.Table("Job", "Created", "Pipeline", "State", "Trigger", "Version", "Outcome");
            foreach (var job in page.Jobs)
            {
                table.Row(job.JobId, Output.Time(job.CreateTime), job.Pipeline, job.State.ToString(), TriggerOf(job), VersionOf(job), OutcomeOf(job));
            }

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return list;
    }

    private static Verb CreateShow()
    {
        var id = new Argument<string>("JOB") { Description = "The job's id, as mlops jobs list prints it." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var show = new Verb("show", "Shows one training job with its steps.", "mlops jobs show 0193c0de-0000-7000-8000-000000000000") { id, json };
        server.AddTo(show);
        show.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var job = await client.Training.GetJobAsync(new GetJobRequest { JobId = parsed.GetValue(id)! }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(job);
                return ExitCodes.Done;
            }

            var facts = Output.Table("Job", job.JobId);
            facts.Row("pipeline", string.Create(CultureInfo.InvariantCulture, $"{job.Pipeline}, version {job.PipelineVersion}"));
            facts.Row("state", string.Create(CultureInfo.InvariantCulture, $"{job.State}, attempt {job.Attempt}{(job.ProcessId > 0 ? $", process {job.ProcessId}" : "")}"));
            facts.Row("trigger", TriggerOf(job));
            facts.Row("created", Output.Time(job.CreateTime));
            facts.Row("fit", Between(job.FitStartTime, job.FitEndTime));
            facts.Row("run", job.RunId);
            facts.Row("version", VersionOf(job));
            facts.Row("outcome", OutcomeOf(job));
            foreach (var step in job.Steps)
            {
                facts.Row($"step {step.Name}", $"{Between(step.StartTime, step.EndTime)} {step.Message}".Trim());
            }

            Output.Console.Write(facts);
            return ExitCodes.Done;
        });
        return show;
    }

    private static string TriggerOf(Job job) => job.Trigger is not { } trigger ? "" : trigger.Reason.Length > 0 ? $"{trigger.Kind}: {trigger.Reason}" : trigger.Kind;

    private static string VersionOf(Job job) => job.ModelVersion == 0 ? "" : job.ModelVersion.ToString(CultureInfo.InvariantCulture);

    private static string OutcomeOf(Job job) => job.Outcome.Length > 0 ? $"{job.Outcome}: {job.OutcomeReason}" : job.Message;

    private static string Between(Timestamp? start, Timestamp? end) => start is null || end is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{(end.ToDateTimeOffset() - start.ToDateTimeOffset()).TotalSeconds:0.00} s");
}
