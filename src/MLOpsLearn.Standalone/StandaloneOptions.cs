namespace MLOpsLearn.Standalone;

/// <summary>How the five services run in one process.</summary>
public sealed record StandaloneOptions
{
    /// <summary>Port of HTTP/1.1: JSON, files, the first page. Default 5080.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Port of gRPC. Default 5081.</summary>
    public int GrpcPort { get; init; } = 5081;

    /// <summary>Address to listen on. Default loopback only.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Folder of everything that must survive a restart; made when missing.</summary>
    public required string StateFolder { get; init; }

    /// <summary>When set, the server ends as soon as the process with this id is gone, however that ended.</summary>
    public int? ParentProcessId { get; init; }
}
