using System.CommandLine;

namespace MLOpsLearn.Cli.Commands;

/// <summary>A command with examples, which its own help ends with; the list of all commands stays short.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
