namespace MLOpsLearn.Cli;

/// <summary>Ends a command with one line for its user.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.BadInput) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
