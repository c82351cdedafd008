namespace MLOpsLearn.Messaging.Persistence;

/// <summary>Name of the module whose context this is, as connection strings and metrics spell it.</summary>
internal sealed record ModuleName<TContext>(string Value);
