namespace MLOpsLearn.Client;

/// <summary>How a run is started and how it is logged.</summary>
public sealed record RunOptions
{
    /// <summary>Name of the experiment; made when there is none of the name. Default "Default".</summary>
    public string Experiment { get; init; } = "Default";

    /// <summary>Name of the run; the server makes one up when it is empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Tags that the run has from its start; at most 99.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Folder that takes what can't be sent while the server is away. Default: "mlopslearn/spool" in the user's folder for local data.
    /// Processes may share it; each run has a folder of its own in it, below one for each server.
    /// </summary>
    public string SpoolFolder { get; init; } = DefaultSpoolFolder;

    /// <summary>Most bytes that this run may hold in the spool; when it is full, logging waits. Default 256 MiB.</summary>
    public long SpoolBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>How many values may wait in memory to be sent; a call that logs more waits. Default 10,000.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>How often a server that is away is asked again. Default 2 s.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the end of a run waits for room in a full spool. Default 30 s.</summary>
    public TimeSpan ClosePatience { get; init; } = TimeSpan.FromSeconds(30);

    internal static string DefaultSpoolFolder { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlopslearn", "spool");

    /// <exception cref="ArgumentException">A setting that no run can have.</exception>
    internal void ThrowIfInvalid()
    {
        ArgumentException.ThrowIfNullOrEmpty(Experiment);
        ArgumentException.ThrowIfNullOrEmpty(SpoolFolder);
        ArgumentOutOfRangeException.ThrowIfLessThan(SpoolBytes, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RetryInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClosePatience, TimeSpan.Zero);
    }
}
