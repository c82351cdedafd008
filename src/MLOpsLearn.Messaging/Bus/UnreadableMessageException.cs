namespace MLOpsLearn.Messaging.Bus;

/// <summary>Thrown by a consumer on a message that no waiting will mend: it goes to the dead letters at once.</summary>
public sealed class UnreadableMessageException(string message, Exception? inner = null) : Exception(message, inner);
