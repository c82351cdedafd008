using System.Globalization;

namespace MLOpsLearn.Training.Worker;

/// <summary>What the service told this process by its environment.</summary>
internal sealed record WorkerEnvironment(
    string JobId,
    string Token,
    Uri TrainingGrpc,
    Uri TrackingGrpc,
    Uri TrackingHttp,
    Uri MonitoringGrpc,
    Uri MonitoringHttp,
    long MemoryLimitBytes,
    IReadOnlyList<string> DataRoots,
    bool EndsWithParent,
    string? TraceParent)
{
    private const long DefaultMemoryLimitBytes = 1L << 30;

    /// <exception cref="WorkFault">A variable is missing: this program was not started by the service.</exception>
    public static WorkerEnvironment Read() => new(
        Text("MLOPS_JOB_ID"),
        Text("MLOPS_JOB_TOKEN"),
        Address("MLOPS_TRAINING_GRPC"),
        Address("MLOPS_TRACKING_GRPC"),
        Address("MLOPS_TRACKING_HTTP"),
        Address("MLOPS_MONITORING_GRPC"),
        Address("MLOPS_MONITORING_HTTP"),
        long.TryParse(Environment.GetEnvironmentVariable("MLOPS_MEMORY_LIMIT_BYTES"), CultureInfo.InvariantCulture, out var limit)
            ? limit : DefaultMemoryLimitBytes,
        (Environment.GetEnvironmentVariable("MLOPS_DATA_ROOTS") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        Environment.GetEnvironmentVariable("MLOPS_ENDS_WITH_PARENT") == "true",
        Environment.GetEnvironmentVariable("TRACEPARENT") is { Length: > 0 } trace ? trace : null);

    private static string Text(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value
            ? value
            : throw new WorkFault($"{name} is not set: this program is started by the training service, not by hand.");

    private static Uri Address(string name) =>
        Uri.TryCreate(Text(name), UriKind.Absolute, out var address) ? address : throw new WorkFault($"{name} must be an absolute address.");
}
