namespace Aspire.Hosting;

/// <summary>The application can't be built or started for a reason that its author can mend.</summary>
public class DistributedApplicationException(string message, Exception? inner = null) : Exception(message, inner);
