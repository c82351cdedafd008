using MassTransit;

namespace MLOpsLearn.Contracts.Events;

/// <summary>Rows that an endpoint answered. <see cref="Payload"/> is a <c>PredictionBatch</c> in protobuf form.</summary>
[EntityName("mlopslearn.inference.predictions-served.v1")]
[MessageUrn("mlopslearn:inference:predictions-served:v1", useDefaultPrefix: false)]
public sealed record PredictionsServed(Guid BatchId, string Workspace, string Endpoint, int Rows, byte[] Payload);

/// <summary>A model has a new version.</summary>
[EntityName("mlopslearn.registry.model-version-created.v1")]
[MessageUrn("mlopslearn:registry:model-version-created:v1", useDefaultPrefix: false)]
public sealed record ModelVersionCreated(string Workspace, string Model, int Version, string RunId, DateTimeOffset Time);

/// <summary>An alias names another version now. <paramref name="PreviousVersion"/> is 0 when it is new.</summary>
[EntityName("mlopslearn.registry.model-alias-changed.v1")]
[MessageUrn("mlopslearn:registry:model-alias-changed:v1", useDefaultPrefix: false)]
public sealed record ModelAliasChanged(
    string Workspace, string Model, string Alias, int Version, int PreviousVersion, string Reason, string EvaluationId, DateTimeOffset Time);

/// <summary>An endpoint answers with another version now; repeated when the version gave its first answer.</summary>
[EntityName("mlopslearn.inference.deployment-changed.v1")]
[MessageUrn("mlopslearn:inference:deployment-changed:v1", useDefaultPrefix: false)]
public sealed record DeploymentChanged(
    string Workspace,
    string Endpoint,
    string Model,
    int Version,
    int PreviousVersion,
    string DeploymentId,
    DateTimeOffset SwapTime,
    DateTimeOffset? FirstResponseTime);

/// <summary>An alert fired, fired again, reminded or was resolved: one transition of its state machine.</summary>
[EntityName("mlopslearn.monitoring.alert-changed.v1")]
[MessageUrn("mlopslearn:monitoring:alert-changed:v1", useDefaultPrefix: false)]
public sealed record AlertChanged(
    string Workspace,
    string AlertId,
    int Sequence,
    string Event,
    string Endpoint,
    string Model,
    int Version,
    string Monitor,
    string Kind,
    string Severity,
    string Reason,
    double? Value,
    double Limit,
    DateTimeOffset WindowStart,
    DateTimeOffset WindowEnd,
    DateTimeOffset AsOf,
    long Rows,
    long LabelledRows,
    DateTimeOffset StoredTime);

/// <summary>A training job was put into the queue.</summary>
[EntityName("mlopslearn.training.training-requested.v1")]
[MessageUrn("mlopslearn:training:training-requested:v1", useDefaultPrefix: false)]
public sealed record TrainingRequested(
    string Workspace,
    string JobId,
    string Pipeline,
    string Model,
    string TriggerKind,
    string TriggerId,
    string Reason,
    DateTimeOffset TriggerTime,
    DateTimeOffset Time);

/// <summary>A training job ended. <paramref name="State"/>: "succeeded", "failed" or "cancelled"; <paramref name="Outcome"/>: "promoted", "refused", "held-back" or empty.</summary>
[EntityName("mlopslearn.training.training-completed.v1")]
[MessageUrn("mlopslearn:training:training-completed:v1", useDefaultPrefix: false)]
public sealed record TrainingCompleted(
    string Workspace,
    string JobId,
    string Pipeline,
    string Model,
    string State,
    string RunId,
    int ModelVersion,
    string Outcome,
    string Reason,
    DateTimeOffset Time);
