using System.Reflection;
using MassTransit;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>The events of the product by wire name. Listed by hand: what isn't here can't travel.</summary>
public static class EventTypes
{
    private static readonly Dictionary<string, Type> ByName = new[]
    {
        typeof(PredictionsServed),
        typeof(ModelVersionCreated),
        typeof(ModelAliasChanged),
        typeof(DeploymentChanged),
        typeof(AlertChanged),
        typeof(TrainingRequested),
        typeof(TrainingCompleted),
    }.ToDictionary(NameOf);

    /// <summary>The wire name of an event type.</summary>
    public static string NameOf(Type type) =>
        type.GetCustomAttribute<EntityNameAttribute>()?.EntityName
        ?? throw new InvalidOperationException($"{type.Name} has no wire name: give it an [EntityName].");

    /// <summary>The event type of a wire name; null when this build does not know it.</summary>
    public static Type? Find(string name) => ByName.GetValueOrDefault(name);
}
