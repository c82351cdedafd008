using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace MLOpsLearn.Cli.Commands;

/// <summary>All verbs, and a help that ends with the examples of the verb at hand.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var root = new RootCommand("MLOpsLearn: design, train, deploy, monitor, retrain, in a loop that closes by itself.")
        {
            DemoCommand.Create(),
            ServerCommand.Create(),
            LineageCommand.Create(),
            RunsCommand.Create(),
            ArtifactsCommand.Create(),
            ModelsCommand.Create(),
            JobsCommand.Create(),
            AlertsCommand.Create(),
            QueuesCommand.Create(),
            ImportCommand.Create(),
            ExportCommand.Create(),
            GcCommand.Create(),
            FreezeCommand.Create(),
            UnfreezeCommand.Create(),
            DriftCommand.Create(),
            StatisticsCommand.Create(),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>The command that explains the verb at hand, for example "mlops demo --help".</summary>
    public static string HelpOf(ParseResult parsed)
    {
        var words = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
        {
            words.Insert(0, command.Command.Name);
        }

        return string.Join(' ', ["mlops", .. words, "--help"]);
    }

    private sealed class HelpWithExamples(HelpAction standard) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command is Verb { Examples: { Count: > 0 } examples })
            {
                Console.WriteLine("Examples:");
                foreach (var example in examples)
                {
                    Console.WriteLine($"  {example}");
                }

                Console.WriteLine();
            }

            return code;
        }
    }
}
