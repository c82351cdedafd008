namespace MLOpsLearn.Registry.Webhooks;

/// <summary>How webhooks are called.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Registry:Webhooks";

    /// <summary>Whether addresses of this machine and of private networks may be called. Default false: a client must not reach through the server what it can't reach itself.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Whether plain http may be called. Default false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Calls of one delivery before it counts as failed, 1 to 20. Default 8: the last comes some two minutes after the first.</summary>
    public int MostAttempts { get; set; } = 8;

    /// <summary>How long one call may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Folder of the keys that encrypt the secrets; replicas share it. Default: beside the database when that is a file, otherwise in the database
    /// itself, where who reads all of it reads the secrets too.
    /// </summary>
    public string? KeyFolder { get; set; }

    /// <summary>How long the history of finished deliveries is kept. Default 30 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}
