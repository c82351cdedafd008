using System.Globalization;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary>Says what the registry refuses in the original's words.</summary>
internal static class RegistryWords
{
    /// <summary>The outcome of a call about a model.</summary>
    public static async Task<T> SayAsync<T>(this Task<T> call, string name)
    {
        try
        {
            return await call;
        }
        catch (RpcException exception) when (InWords(exception, name) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The outcome of a call about a model.</summary>
    public static async Task SayAsync(this Task call, string name)
    {
        try
        {
            await call;
        }
        catch (RpcException exception) when (InWords(exception, name) is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>The outcome of a call about a version: it is the version that is missing, also when there is no such model.</summary>
    public static async Task<T> SayVersionAsync<T>(this Task<T> call, string name, int version)
    {
        try
        {
            return await call;
        }
        catch (RpcException exception) when (IsMissing(exception))
        {
            throw NoVersion(name, version.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc cref="SayVersionAsync{T}"/>
    public static async Task SayVersionAsync(this Task call, string name, int version)
    {
        try
        {
            await call;
        }
        catch (RpcException exception) when (IsMissing(exception))
        {
            throw NoVersion(name, version.ToString(CultureInfo.InvariantCulture));
        }
    }

    public static MLflowException NoModel(string name) => MLflowException.NotFound($"Registered Model with name={name} not found");

    public static MLflowException NoVersion(string name, string version) => MLflowException.NotFound($"Model Version (name={name}, version={version}) not found");

    public static MLflowException Taken(string name) => MLflowException.AlreadyExists($"Registered Model (name={name}) already exists.");

    private static bool IsMissing(RpcException exception) =>
        exception.StatusCode == StatusCode.NotFound && RpcErrors.KindOf(exception) is "model" or "model version";

    private static MLflowException? InWords(RpcException exception, string name) => (exception.StatusCode, RpcErrors.KindOf(exception)) switch
    {
        (StatusCode.NotFound, "model") => NoModel(name),
        (StatusCode.AlreadyExists, "model") => Taken(name),
        _ => null,
    };
}
