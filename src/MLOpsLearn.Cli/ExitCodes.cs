namespace MLOpsLearn.Cli;

/// <summary>What the process' exit code says.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The loop did not close, or a check failed.</summary>
    public const int Failed = 1;

    /// <summary>Bad use or bad input: the message names the way out.</summary>
    public const int BadInput = 2;

    /// <summary>Ctrl+C.</summary>
    public const int Interrupted = 130;
}
