namespace Aspire.Hosting.Engine;

/// <summary>How a process is started.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments, unquoted.</param>
/// <param name="WorkingDirectory">Where.</param>
/// <param name="Environment">Variables beside the inherited ones.</param>
/// <param name="StopSignal">What asks it to end and not to wait for its clients.</param>
internal sealed record ProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    int StopSignal = Signals.Terminate);
