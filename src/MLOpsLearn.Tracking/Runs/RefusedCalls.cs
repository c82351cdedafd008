using System.Data.Common;
using Google.Rpc;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Says what the handlers refuse in the native contract's form.</summary>
internal static class RefusedCalls
{
    /// <exception cref="RpcException">NOT_FOUND, FAILED_PRECONDITION, ALREADY_EXISTS, INVALID_ARGUMENT or RESOURCE_EXHAUSTED.</exception>
    public static async Task<T> SayAsync<T>(Task<T> call)
    {
        try
        {
            return await call;
        }
        catch (RefusedException exception)
        {
            throw exception.Reason switch
            {
                Refusal.NotFound => RpcErrors.NotFound(exception.Kind, exception.Subject),
                Refusal.NotActive => RpcErrors.FailedPrecondition("DELETED", exception.Subject, exception.Message),
                Refusal.InUse => RpcErrors.FailedPrecondition("IN_USE", exception.Subject, exception.Message),
                Refusal.NameTaken => RpcErrors.AlreadyExists(exception.Kind, exception.Subject, exception.Message),
                _ => RpcErrors.Invalid(exception.Kind, exception.Subject, exception.Message),
            };
        }
        catch (DbException exception) when (DatabaseFaults.IsFull(exception))
        {
            throw RpcErrors.Create(
                StatusCode.ResourceExhausted,
                "The database's disk is full; nothing of this call was stored.",
                new ErrorInfo { Reason = "DISK_FULL", Domain = "mlopslearn" });
        }
    }

    /// <summary>The same for a call that answers nothing.</summary>
    public static async Task SayAsync(Task call) => await SayAsync(AnswerAsync(call));

    /// <summary>Reads a text of the filter language, or runs a search by it.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT for this field.</exception>
    public static T Read<T>(string field, string text, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MLflowException exception)
        {
            throw RpcErrors.Invalid(field, text, exception.Message);
        }
    }

    /// <summary>The same for a search by such a text.</summary>
    public static async Task<T> ReadAsync<T>(string field, string text, Task<T> search)
    {
        try
        {
            return await SayAsync(search);
        }
        catch (MLflowException exception)
        {
            throw RpcErrors.Invalid(field, text, exception.Message);
        }
    }

    private static async Task<bool> AnswerAsync(Task call)
    {
        await call;
        return true;
    }
}
