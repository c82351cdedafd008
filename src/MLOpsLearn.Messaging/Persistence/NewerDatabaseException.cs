namespace MLOpsLearn.Messaging.Persistence;

/// <summary>The database was made by a newer version of the product.</summary>
public sealed class NewerDatabaseException(string context, string migration)
    : Exception($"The database of {context} was made by a newer version (it has '{migration}'). Start the newer version, or use another state folder.");
