using System.Data.Common;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Says what the handlers refuse in MLflow's form.</summary>
internal static class Refusals
{
    /// <summary>Maps a call below "2.0/mlflow/" whose handler may refuse.</summary>
    public static void MapCall(this IEndpointRouteBuilder routes, string methods, string path, string permission, Func<MLflowCall, Task> handler) =>
        routes.MapMLflow(methods, "2.0/mlflow/" + path, permission, Translated(handler));

    public static Func<MLflowCall, Task> Translated(Func<MLflowCall, Task> handler) => async call =>
    {
        try
        {
            await handler(call);
        }
        catch (RefusedException exception)
        {
            throw new MLflowException(
                exception.Reason switch
                {
                    Refusal.NotFound => MLflowErrorCode.ResourceDoesNotExist,
                    Refusal.NameTaken => MLflowErrorCode.ResourceAlreadyExists,
                    _ => MLflowErrorCode.InvalidParameterValue,
                },
                exception.Message);
        }
        catch (DbException exception) when (DatabaseFaults.IsFull(exception))
        {
            throw new MLflowException(MLflowErrorCode.ResourceExhausted, "The database's disk is full; nothing of this request was stored.");
        }
        catch (DbException exception) when (DatabaseFaults.IsAway(exception))
        {
            throw new MLflowException(MLflowErrorCode.TemporarilyUnavailable, "The database can't be reached now; repeat the request.");
        }
        catch (ParamTakenException exception)
        {
            throw MLflowException.Invalid(Message(exception));
        }
    };

    private static string Message(ParamTakenException exception)
    {
        if (exception.Conflicts is [var only])
        {
            return $"Changing param values is not allowed. Param with key='{only.Key}' was already logged with value='{Shorten(only.OldValue)}' "
                + $"for run ID='{exception.RunId}'. Attempted logging new value '{Shorten(only.NewValue)}'.";
        }

        var list = string.Join(", ", exception.Conflicts.Select(
            conflict => $"{{'key': '{conflict.Key}', 'old_value': '{Shorten(conflict.OldValue)}', 'new_value': '{Shorten(conflict.NewValue)}'}}"));
        return $"Changing param values is not allowed. Params were already logged='[{list}]' for run ID='{exception.RunId}'.";
    }

    private static string Shorten(string text) => text.Length <= 500 ? text : text[..500] + "…";
}
