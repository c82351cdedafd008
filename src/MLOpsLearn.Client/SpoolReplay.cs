namespace MLOpsLearn.Client;

/// <summary>What became of a spool.</summary>
/// <param name="Runs">Runs whose spool is empty now.</param>
/// <param name="Entries">Batches and files that the server took.</param>
/// <param name="Left">Runs that still hold something: the server is away, or another process has them in use.</param>
/// <param name="Refusals">What the server refused, with its reason; it stays in the run's folder as a file ending in ".refused".</param>
public sealed record SpoolReplay(int Runs, int Entries, int Left, IReadOnlyList<string> Refusals);

/// <summary>What became of one run of a spool.</summary>
/// <param name="Folder">The run's folder in the spool.</param>
/// <param name="Experiment">Name of its experiment; empty when its start can't be read.</param>
/// <param name="RunId">Its id; null while no server knows it.</param>
/// <param name="Entries">Batches and files that the server took now.</param>
/// <param name="Refusals">What the server refused, or what can't be read, with the reason; it stays in the folder.</param>
/// <param name="State">Whether anything is left to be sent.</param>
public sealed record SpooledRun(string Folder, string Experiment, string? RunId, int Entries, IReadOnlyList<string> Refusals, SpoolState State);

/// <summary>How far a run of a spool got.</summary>
public enum SpoolState
{
    /// <summary>The server has all of it that it takes.</summary>
    Sent,

    /// <summary>The server is away; the rest follows later.</summary>
    Waiting,

    /// <summary>Another process has it in use, or the folder is no run's.</summary>
    InUse,

    /// <summary>Its start can't be read, so nobody can tell which run it is.</summary>
    Damaged,
}
