using Google.Protobuf;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Spooling;

/// <summary>Something for a run that bears being sent twice. Its message has no run id before it is sent: the run may not exist yet.</summary>
internal abstract record SpoolEntry
{
    /// <summary>Ending of its file in the spool.</summary>
    public abstract string Kind { get; }

    /// <summary>What stands in that file.</summary>
    public abstract IMessage Message { get; }

    /// <summary>Bytes that it takes in the spool.</summary>
    public virtual long Size => Message.CalculateSize();
}

/// <summary>Metrics, params and tags.</summary>
internal sealed record LogEntry(LogBatchRequest Batch) : SpoolEntry
{
    public override string Kind => "log";

    public override IMessage Message => Batch;
}

/// <summary>An artifact: its path in the run, and the file that has its content.</summary>
internal sealed record FileEntry(string Path, string Content) : SpoolEntry
{
    public override string Kind => "artifact";

    public override IMessage Message => new Artifact { Path = Path };

    public override long Size => base.Size + new FileInfo(Content).Length;
}

/// <summary>The run's end.</summary>
internal sealed record EndEntry(FinishRunRequest Request) : SpoolEntry
{
    public override string Kind => "end";

    public override IMessage Message => Request;
}
