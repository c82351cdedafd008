using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using MLOpsLearn.Messaging.Calls;

namespace MLOpsLearn.Training.Jobs;

/// <summary>What a worker is told by its environment: job, addresses, limits. The token comes by a way of the executor's own.</summary>
internal sealed class WorkerSettings(IConfiguration configuration, IOptions<TrainingOptions> options)
{
    /// <summary>Variable with the secret of the attempt.</summary>
    public const string TokenVariable = "MLOPS_JOB_TOKEN";

    /// <summary>Variable of a worker whose standard input is a pipe from its parent.</summary>
    public const string EndsWithParent = "MLOPS_ENDS_WITH_PARENT";

    public IReadOnlyDictionary<string, string> For(ClaimedJob claimed)
    {
        var settings = Common();
        settings["MLOPS_JOB_ID"] = claimed.Job.Id;
        if (Activity.Current?.Id is { } parent)
        {
            settings["TRACEPARENT"] = parent;
        }

        return settings;
    }

    /// <summary>What a worker needs to know before there is a job.</summary>
    public Dictionary<string, string> Common() => new()
    {
        ["MLOPS_TRAINING_GRPC"] = ServiceAddresses.Grpc(configuration, "training").ToString(),
        ["MLOPS_TRACKING_GRPC"] = ServiceAddresses.Grpc(configuration, "tracking").ToString(),
        ["MLOPS_TRACKING_HTTP"] = ServiceAddresses.Http(configuration, "tracking").ToString(),
        ["MLOPS_MONITORING_GRPC"] = ServiceAddresses.Grpc(configuration, "monitoring").ToString(),
        ["MLOPS_MONITORING_HTTP"] = ServiceAddresses.Http(configuration, "monitoring").ToString(),
        ["MLOPS_MEMORY_LIMIT_BYTES"] = options.Value.MemoryLimitBytes.ToString(CultureInfo.InvariantCulture),
        ["MLOPS_DATA_ROOTS"] = string.Join(Path.PathSeparator, options.Value.DataRoots),
    };
}
