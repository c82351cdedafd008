namespace MLOpsLearn.Messaging.Measurements;

/// <summary>Records what is stored rather than what happens, such as the length of a queue. Made anew in a scope of its own for each look.</summary>
public interface ISample
{
    /// <summary>Looks once and records. Must cost the same however much is stored.</summary>
    Task TakeAsync(CancellationToken cancellationToken);
}
