using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;

namespace MLOpsLearn.MLflow.Routing;

/// <summary>Maps calls of MLflow's REST API: under both of its prefixes, with its way of reading and its form of errors.</summary>
public static partial class MLflowRoutes
{
    private const string Service = "2.0/mlflow/";
    private static readonly string[] Prefixes = ["/api", "/ajax-api"];

    /// <summary>Maps one call under <c>/api</c> and <c>/ajax-api</c>, and under <c>/api/2.0/preview</c>, its path of old.</summary>
    /// <param name="routes">Where to.</param>
    /// <param name="methods">For example "POST", or "GET POST".</param>
    /// <param name="path">What follows the prefix, for example "2.0/mlflow/runs/create".</param>
    /// <param name="permission">What the caller must be allowed.</param>
    /// <param name="handler">Reads the fields, acts, and writes the answer.</param>
    public static void MapMLflow(this IEndpointRouteBuilder routes, string methods, string path, string permission, Func<MLflowCall, Task> handler)
    {
        foreach (var prefix in Prefixes)
        {
            routes.MapMLflowAt(methods, $"{prefix}/{path}", permission, handler);
        }

        if (path.StartsWith(Service, StringComparison.Ordinal))
        {
            // Clients of MLflow 1 know the model registry by this path.
            routes.MapMLflowAt(methods, $"/api/2.0/preview/mlflow/{path[Service.Length..]}", permission, handler);
        }
    }

    /// <summary>Maps one call at exactly this path.</summary>
    public static void MapMLflowAt(this IEndpointRouteBuilder routes, string methods, string path, string permission, Func<MLflowCall, Task> handler) =>
        routes.MapMethods(path, methods.Split(' '), http => AnswerAsync(http, handler)).WithMetadata(new RequiredPermission(permission));

    /// <summary>Maps what belongs to nobody below a prefix: 404 in MLflow's form, so that clients show the message.</summary>
    public static void MapMLflowNotFound(this IEndpointRouteBuilder routes, string prefix) => routes.Map(
        prefix + "/{**rest}",
        static http => WriteErrorAsync(http, MLflowErrorCode.EndpointNotFound, $"There is no {http.Request.Method} {http.Request.Path} here."))
        .WithMetadata(RequiredPermission.None).WithOrder(int.MaxValue);

    /// <summary>Runs a handler that answers by itself (streams, files) with MLflow's form of errors.</summary>
    public static async Task GuardAsync(HttpContext http, Func<Task> handler)
    {
        try
        {
            await handler();
        }
        catch (MLflowException exception)
        {
            await WriteErrorAsync(http, exception.Code, exception.Message);
        }
        catch (RpcException exception)
        {
            await WriteErrorAsync(http, MLflowErrorCodes.Of(exception.StatusCode), exception.Status.Detail);
        }
        catch (BadHttpRequestException exception)
        {
            await WriteErrorAsync(http, exception.StatusCode == 413 ? MLflowErrorCode.RequestTooLarge : MLflowErrorCode.BadRequest, exception.Message);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
        }
        catch (IOException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The same.
        }
        catch (Exception exception)
        {
            Log.Unexpected(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(MLflowRoutes)), http.Request.Method, http.Request.Path, exception);
            await WriteErrorAsync(http, MLflowErrorCode.InternalError, "Something went wrong on our side; the server's log has the cause.");
        }
    }

    private static Task AnswerAsync(HttpContext http, Func<MLflowCall, Task> handler) => GuardAsync(http, async () =>
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.XFrameOptions = "SAMEORIGIN";
        var (document, fromQuery) = await RequestJson.ReadAsync(http.Request, http.RequestAborted);
        using (document)
        {
            var call = new MLflowCall(http, new MLflowFields(document.RootElement, "", fromQuery));
            await handler(call);
            await call.EndAsync();
        }
    });

    private static async Task WriteErrorAsync(HttpContext http, MLflowErrorCode code, string message)
    {
        if (http.Response.HasStarted)
        {
            // Half an answer must not look like a whole one.
            http.Abort();
            return;
        }

        http.Response.StatusCode = MLflowErrorCodes.Status(code);
        http.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(buffer, MLflowCall.Options))
        {
            writer.WriteStartObject();
            writer.WriteString("error_code", MLflowErrorCodes.Name(code));
            writer.WriteString("message", message);
            writer.WriteEndObject();
        }

        http.Response.ContentLength = buffer.Length;
        await http.Response.Body.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1201, LogLevel.Error, "{Method} {Path} failed in a way that nobody foresaw.")]
        public static partial void Unexpected(ILogger logger, string method, PathString path, Exception exception);
    }
}
