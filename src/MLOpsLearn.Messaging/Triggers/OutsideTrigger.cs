using System.Text.Json;
using MLOpsLearn.Contracts;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>What an outsider asked for, in whichever form it came.</summary>
/// <param name="Id">The sender's id, at most 200 characters.</param>
/// <param name="Source">The CloudEvent's source; empty for a plain message.</param>
/// <param name="Type">One of <see cref="TriggerTypes"/>.</param>
/// <param name="Time">The CloudEvent's time; else when it arrived.</param>
/// <param name="Data">Fits the type's schema.</param>
public sealed record OutsideTrigger(string Id, string Source, string Type, DateTimeOffset Time, JsonElement Data)
{
    /// <summary>What tells it from every other trigger, and from our own alerts, whose ids are never of this form: ids are unique within their source only.</summary>
    public string Key => $"outside:{RequestIds.Derive(Source, Id)}";

    /// <summary>A text field of the data; null when it is absent.</summary>
    public string? Text(string field) => Data.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What outsiders may say.</summary>
public static class TriggerTypes
{
    /// <summary>Retrain a model now.</summary>
    public const string RetrainRequested = "mlops.retrain.requested";

    /// <summary>A dataset has new data.</summary>
    public const string DataAvailable = "mlops.data.available";

    /// <summary>Labels were stored; look again.</summary>
    public const string LabelsArrived = "mlops.labels.arrived";

    /// <summary>Somebody else's monitoring found a model bad.</summary>
    public const string AlertExternal = "mlops.alert.external";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [RetrainRequested, DataAvailable, LabelsArrived, AlertExternal];
}

/// <summary>What the sender is told on <c>reply_to</c>.</summary>
/// <param name="Status">"accepted", "duplicate" or "refused".</param>
/// <param name="Reason">For people.</param>
/// <param name="JobId">The job that it started, or had started.</param>
public sealed record TriggerAnswer(string Status, string Reason, string? JobId = null)
{
    /// <summary>It was taken.</summary>
    public const string Accepted = "accepted";

    /// <summary>It was taken before; the answer then is given again.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>It was understood, and not done.</summary>
    public const string Refused = "refused";
}

/// <summary>Thrown on a message that can't be acted on as it is: it goes to the dead letters with this reason.</summary>
public sealed class BadTriggerException(string message) : Exception(message);

/// <summary>Acts on triggers. The same trigger may come twice.</summary>
public interface ITriggerHandler
{
    /// <exception cref="BadTriggerException">It names what does not exist or may not be used.</exception>
    Task<TriggerAnswer> HandleAsync(OutsideTrigger trigger, CancellationToken cancellationToken);
}
