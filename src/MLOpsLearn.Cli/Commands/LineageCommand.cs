using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Contracts.Registry.V1;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops lineage MODEL@ALIAS</c>: how a version came about.</summary>
internal static class LineageCommand
{
    public static Command Create()
    {
        var subject = new Argument<string>("MODEL") { Description = "MODEL@ALIAS or MODEL/VERSION." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb(
            "lineage",
            "Prints the chain of a version: trigger, job, run, version, gate, deployment.",
            "mlops lineage trip-duration@champion",
            "mlops lineage trip-duration/2 --json") { subject, json };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var lineage = await client.Registry.GetLineageAsync(Parse(parsed.GetValue(subject)!), cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(lineage);
                return ExitCodes.Done;
            }

            Output.Console.Write(ToTree(lineage));
            return ExitCodes.Done;
        });
        return command;
    }

    internal static GetLineageRequest Parse(string text)
    {
        var at = text.LastIndexOf('@');
        if (at > 0 && at < text.Length - 1)
        {
            return new GetLineageRequest { Model = text[..at], Alias = text[(at + 1)..] };
        }

        var slash = text.LastIndexOf('/');
        return slash > 0 && int.TryParse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture, out var version) && version > 0
            ? new GetLineageRequest { Model = text[..slash], Version = version }
            : throw new CommandException($"'{text}' must be MODEL@ALIAS or MODEL/VERSION, for example trip-duration@champion.");
    }

    private static Tree ToTree(Lineage lineage)
    {
        var tree = new Tree(new Text($"{lineage.Version.Model} version {lineage.Version.Version}{(lineage.Complete ? "" : " (chain incomplete)")}"));
        foreach (var step in lineage.Steps)
        {
            var time = step.Time is null ? "" : step.Time.ToDateTime().ToString(" (yyyy-MM-dd HH:mm:ss.fff)", CultureInfo.InvariantCulture);
            tree.AddNode(new Text($"{step.Kind,-14} {step.Description}{time}"));
        }

        return tree;
    }
}
