using Google.Protobuf;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Spooling;

/// <summary>All that starting a run takes, and its id once the server gave one.</summary>
/// <param name="Experiment">Its experiment.</param>
/// <param name="Run">The run; its request id names it until it has an id.</param>
/// <param name="RunId">Null while no server knows the run.</param>
internal sealed record RunStart(CreateExperimentRequest Experiment, CreateRunRequest Run, string? RunId)
{
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        Experiment.WriteDelimitedTo(stream);
        Run.WriteDelimitedTo(stream);
        new GetRunRequest { RunId = RunId ?? "" }.WriteDelimitedTo(stream);
        return stream.ToArray();
    }

    /// <exception cref="InvalidProtocolBufferException">The bytes are no start of a run.</exception>
    public static RunStart Parse(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var experiment = CreateExperimentRequest.Parser.ParseDelimitedFrom(stream);
        var run = CreateRunRequest.Parser.ParseDelimitedFrom(stream);
        var id = GetRunRequest.Parser.ParseDelimitedFrom(stream).RunId;
        return new RunStart(experiment, run, id.Length > 0 ? id : null);
    }
}
