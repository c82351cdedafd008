namespace MLOpsLearn.ServiceDefaults.Security;

/// <summary>Names under which this host may be addressed, beside loopback and the address that a connection came in on.</summary>
public sealed class AllowedHostsOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Security";

    /// <summary>Host names without port, for example "mlops.example.org". Default: none.</summary>
    public IList<string> AllowedHosts { get; } = [];
}
