namespace MLOpsLearn.Cli;

/// <summary>Ends a command with one line for its user.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.BadInput) : Exception(message)
{
    /// <summary>How a line on standard error begins that says why a command ended.</summary>
    public const string Prefix = "mlops: ";

    public int ExitCode { get; } = exitCode;
}
