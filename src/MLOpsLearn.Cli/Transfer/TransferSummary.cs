namespace MLOpsLearn.Cli.Transfer;

/// <summary>What a transfer brought, and what it left out and why. Safe from many threads.</summary>
internal sealed class TransferSummary
{
    private const int MostSkipped = 1000;
    private readonly Lock _lock = new();
    private readonly List<Skip> _skipped = [];

    /// <summary>Something left out.</summary>
    internal sealed record Skip(string What, string Why);

    public int Experiments { get; private set; }

    public int Runs { get; private set; }

    /// <summary>Runs that an earlier transfer had brought whole.</summary>
    public int RunsThereAlready { get; private set; }

    public long Points { get; private set; }

    public long Files { get; private set; }

    public long FileBytes { get; private set; }

    public int Models { get; private set; }

    public int Versions { get; private set; }

    public int VersionsThereAlready { get; private set; }

    public int Aliases { get; private set; }

    public int SkippedCount { get; private set; }

    /// <summary>At most the first 1,000.</summary>
    public IReadOnlyList<Skip> Skipped => _skipped;

    public void AddExperiment() => Locked(() => Experiments++);

    public void AddRun(long points) => Locked(() => (Runs, Points) = (Runs + 1, Points + points));

    public void AddKnownRun() => Locked(() => RunsThereAlready++);

    public void AddFile(long bytes) => Locked(() => (Files, FileBytes) = (Files + 1, FileBytes + bytes));

    public void AddModel() => Locked(() => Models++);

    public void AddVersion() => Locked(() => Versions++);

    public void AddKnownVersion() => Locked(() => VersionsThereAlready++);

    public void AddAlias() => Locked(() => Aliases++);

    public void AddSkip(string what, string why) => Locked(() =>
    {
        SkippedCount++;
        if (_skipped.Count < MostSkipped)
        {
            _skipped.Add(new Skip(what, why));
        }
    });

    private void Locked(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}
