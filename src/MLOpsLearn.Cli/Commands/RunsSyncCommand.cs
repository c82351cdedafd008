using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops runs sync</c>: sends what programs logged while the server was away.</summary>
internal static class RunsSyncCommand
{
    public static Verb Create()
    {
        var folder = new Argument<string?>("FOLDER") { Description = "The spool, as the program had it in RunOptions.SpoolFolder; the usual one of this user when absent.", DefaultValueFactory = _ => null };
        var server = new ServerOptions();
        var sync = new Verb(
            "sync",
            "Sends runs that programs logged while the server was away and left in the spool. 0: all is sent; 1: something was refused or can't be sent; 2: the server can't be reached.",
            "mlops runs sync",
            "mlops runs sync ./spool --server http://mlops.example:5080") { folder };
        server.AddTo(sync);
        sync.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var spool = parsed.GetValue(folder);
            if (spool is not null && !Directory.Exists(spool))
            {
                throw new CommandException($"There is no folder '{spool}'.");
            }

            return await SendAsync(client, spool, cancellationToken);
        });
        return sync;
    }

    private static async Task<int> SendAsync(MLOpsLearnClient client, string? spool, CancellationToken cancellationToken)
    {
        var (sent, entries, refused, waiting, stuck) = (0, 0, 0, 0, 0);
        await foreach (var run in client.ReplayRunsAsync(spool, cancellationToken))
        {
            entries += run.Entries;
            refused += run.Refusals.Count;
            (sent, waiting, stuck) = run.State switch
            {
                SpoolState.Sent => (sent + 1, waiting, stuck),
                SpoolState.Waiting => (sent, waiting + 1, stuck),
                _ => (sent, waiting, stuck + 1),
            };
            Console.WriteLine($"{run.RunId ?? Path.GetFileName(run.Folder)}  {run.Experiment,-20}  {Describe(run)}");
            foreach (var refusal in run.Refusals)
            {
                Console.Error.WriteLine($"  {refusal.ReplaceLineEndings(" ")}   (kept in {run.Folder})");
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} runs are sent, {entries} batches and files; {waiting + stuck} runs are left."));
        NameOthers(client, spool);
        return waiting > 0
            ? throw new CommandException("The server can't be reached, or went away. What is left stays in the spool: run this again, or name the server with --server URL.")
            : refused + stuck > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static string Describe(SpooledRun run) => run.State switch
    {
        SpoolState.Sent => string.Create(CultureInfo.InvariantCulture, $"sent, {run.Entries} batches and files{(run.Refusals.Count > 0 ? $", {run.Refusals.Count} refused" : "")}"),
        SpoolState.Waiting => "waits for the server",
        SpoolState.InUse => "is in use by a program that runs, or is no run",
        _ => "can't be read",
    };

    // A spool has a folder for each server, so that no run reaches the wrong one.
    private static void NameOthers(MLOpsLearnClient client, string? spool)
    {
        var own = Path.GetFullPath(client.SpoolOf(spool));
        var root = Path.GetDirectoryName(own)!;
        foreach (var other in Directory.Exists(root) ? Directory.GetDirectories(root).Where(other => other != own && Directory.EnumerateDirectories(other).Any()) : [])
        {
            Console.WriteLine($"Runs for another server wait in {other}: name it with --server.");
        }
    }
}
