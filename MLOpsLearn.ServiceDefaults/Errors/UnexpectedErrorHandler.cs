using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;

namespace MLOpsLearn.ServiceDefaults.Errors;

/// <summary>The last resort of plain HTTP routes: a ProblemDetails without the server's inside.</summary>
internal sealed partial class UnexpectedErrorHandler(IProblemDetailsService problems, ILogger<UnexpectedErrorHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = { Status = bad.StatusCode, Type = "urn:mlopslearn:bad-request", Title = "The request can't be read.", Detail = bad.Message },
            });
        }

        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        if (PassingFaults.IsPassing(exception))
        {
            Log.Away(logger, context.Request.Method, context.Request.Path, exception.GetBaseException().Message);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return await problems.TryWriteAsync(new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails =
                {
                    Status = StatusCodes.Status503ServiceUnavailable,
                    Type = "urn:mlopslearn:store-away",
                    Title = "The database can't be reached now; repeat the request in a moment.",
                },
            });
        }

        Log.Unexpected(logger, context.Request.Method, context.Request.Path, exception);
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails =
            {
                Status = StatusCodes.Status500InternalServerError,
                Type = "urn:mlopslearn:unexpected",
                Title = "Something went wrong on our side; the server's log has the cause.",
            },
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1104, LogLevel.Warning, "{Method} {Path} was refused, for the database can't be reached: {Cause}")]
        public static partial void Away(ILogger logger, string method, PathString path, string cause);

        [LoggerMessage(1102, LogLevel.Error, "{Method} {Path} failed in a way that nobody foresaw.")]
        public static partial void Unexpected(ILogger logger, string method, PathString path, Exception exception);
    }
}
