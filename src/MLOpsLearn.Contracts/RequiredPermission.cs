namespace MLOpsLearn.Contracts;

/// <summary>
/// What a plain HTTP route demands of its caller, as endpoint metadata; calls of a proto declare the same in an option.
/// </summary>
/// <param name="Permission">"&lt;service&gt;.&lt;resource&gt;.&lt;read|write|admin&gt;".</param>
public sealed record RequiredPermission(string Permission)
{
    /// <summary>Said of routes that anybody who reaches the host may read: health, metrics, descriptions.</summary>
    public static readonly RequiredPermission None = new("none");
}
