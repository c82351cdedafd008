namespace MLOpsLearn.Standalone;

/// <summary>The server can't start for a reason that its user can mend; the message is one line that says how.</summary>
public sealed class StandaloneException(string message, Exception? cause = null) : Exception(message, cause);
