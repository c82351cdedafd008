using MLOpsLearn.Client.Spooling;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Logging;

/// <summary>What waits in memory for the run's writer.</summary>
internal abstract record LogItem;

internal sealed record MetricItem(Metric Metric) : LogItem;

internal sealed record TextItem(bool IsParam, string Key, string Value) : LogItem;

/// <summary>A file to bring; without one, only word that all before it is stored or in the spool.</summary>
internal sealed record MarkItem(FileEntry? File, TaskCompletionSource Done) : LogItem;
