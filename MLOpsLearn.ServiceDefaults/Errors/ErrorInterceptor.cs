using Google.Rpc;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.ServiceDefaults.Errors;

/// <summary>Lets only deliberate statuses out: what nobody foresaw is logged whole and answered without its inside.</summary>
internal sealed partial class ErrorInterceptor(ILogger<ErrorInterceptor> logger) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    private RpcException Translate(Exception exception, ServerCallContext context)
    {
        if (exception is OperationCanceledException && context.CancellationToken.IsCancellationRequested)
        {
            return new RpcException(new Grpc.Core.Status(StatusCode.Cancelled, "The caller went away or its deadline passed."));
        }

        if (PassingFaults.IsPassing(exception))
        {
            Log.Away(logger, context.Method, exception.GetBaseException().Message);
            return RpcErrors.Unavailable("STORE_AWAY", "The database can't be reached now; repeat the call in a moment.");
        }

        Log.Unexpected(logger, context.Method, exception);
        return RpcErrors.Create(
            StatusCode.Internal,
            "Something went wrong on our side; the server's log has the cause.",
            new ErrorInfo { Reason = "UNEXPECTED", Domain = "mlopslearn" });
    }

    private static partial class Log
    {
        [LoggerMessage(1103, LogLevel.Warning, "{Method} was refused, for the database can't be reached: {Cause}")]
        public static partial void Away(ILogger logger, string method, string cause);

        [LoggerMessage(1101, LogLevel.Error, "{Method} failed in a way that nobody foresaw.")]
        public static partial void Unexpected(ILogger logger, string method, Exception exception);
    }
}
