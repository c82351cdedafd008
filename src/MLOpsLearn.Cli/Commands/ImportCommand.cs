using System.CommandLine;
using MLOpsLearn.Cli.Transfer;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops import</c>: brings what another MLflow server, or an export, holds.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "Address of an MLflow server, or a folder that mlops export wrote.", HelpName = "URI", Required = true };
        var experiments = new Option<string[]>("--experiment") { Description = "Only this experiment; may be given more than once.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb(
            "import",
            "Brings experiments, runs with every metric point, files, models, versions and aliases from an MLflow server or a folder. May be run again at any time: what is there is not brought twice. "
                + "Credentials come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
            "mlops import --from http://mlflow.example:5000",
            "mlops import --from ./backup --experiment trips --server http://127.0.0.1:5080") { from, experiments, json };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            using var target = new MLflowApi(client.Server, null, TimeProvider.System);
            using var source = Open(parsed.GetValue(from)!, client.Server);
            var summary = new TransferSummary();
            await TransferOutput.RunAsync("import", async () =>
            {
                await new RunImport(source, target, summary, TransferOutput.Progress).RunAsync(parsed.GetValue(experiments) ?? [], cancellationToken);
                await new ModelImport(source, target, summary, TransferOutput.Progress).RunAsync(cancellationToken);
            });
            TransferOutput.Write(summary, parsed.GetValue(json));
            return ExitCodes.Done;
        });
        return command;
    }

    /// <exception cref="CommandException">What is named can't be read.</exception>
    public static ITransferSource Open(string from, Uri? target)
    {
        if (Directory.Exists(from))
        {
            return new FolderSource(from);
        }

        if (!Uri.TryCreate(from, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new CommandException("--from must be a folder that is there, or an address such as http://mlflow.example:5000.");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new CommandException("--from must not hold credentials: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.");
        }

        return uri.Authority != target?.Authority
            ? new MLflowSource(new MLflowApi(uri, MLflowApi.FromEnvironment(Environment.GetEnvironmentVariable), TimeProvider.System))
            : throw new CommandException("--from names the server itself.");
    }
}
