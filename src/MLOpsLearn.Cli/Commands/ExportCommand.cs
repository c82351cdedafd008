using System.CommandLine;
using MLOpsLearn.Cli.Transfer;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops export</c>: writes what a server holds to a folder.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var to = new Argument<string>("FOLDER") { Description = "Where to write; made when missing." };
        var experiments = new Option<string[]>("--experiment") { Description = "Only this experiment; may be given more than once.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb(
            "export",
            "Writes experiments, runs with every metric point, files, models and versions to a folder that mlops import reads. May be run again: runs that are there are not written twice.",
            "mlops export ./backup",
            "mlops export ./trips --experiment trips --json") { to, experiments, json };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            using var source = new MLflowSource(new MLflowApi(client.Server, null, TimeProvider.System));
            var summary = new TransferSummary();
            await TransferOutput.RunAsync(
                "export",
                () => new FolderTarget(source, parsed.GetValue(to)!, summary, TransferOutput.Progress).RunAsync(parsed.GetValue(experiments) ?? [], cancellationToken));
            TransferOutput.Write(summary, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }
}
