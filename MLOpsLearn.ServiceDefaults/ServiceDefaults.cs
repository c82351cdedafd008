using Google.Protobuf.Reflection;
using Google.Rpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using MLOpsLearn.Contracts;
using MLOpsLearn.ServiceDefaults.AccessLogging;
using MLOpsLearn.ServiceDefaults.Errors;
using MLOpsLearn.ServiceDefaults.Hosting;
using MLOpsLearn.ServiceDefaults.Security;
using MLOpsLearn.ServiceDefaults.Telemetry;

namespace MLOpsLearn.ServiceDefaults;

/// <summary>What every host shares: endpoints, calls, errors, health, telemetry, and the guard against foreign web pages.</summary>
public static class ServiceDefaults
{
    /// <summary>Tag of the health checks that must be good before a host takes traffic.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Largest gRPC message, in bytes.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    /// <summary>Adds everything; the host adds its modules after it.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder)
    {
        builder.AddQuietLogs();
        builder.AddTwoEndpoints();
        builder.AddTelemetry();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<UnexpectedErrorHandler>();
        builder.Services.AddOptions<AllowedHostsOptions>().BindConfiguration(AllowedHostsOptions.Section);
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), ["live"]);
        builder.Services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = MaxMessageBytes;
            options.MaxSendMessageSize = 64 * 1024 * 1024;
            options.Interceptors.Add<ErrorInterceptor>();
        }).AddJsonTranscoding(options => options.TypeRegistry = TypeRegistry.FromMessages(
            BadRequest.Descriptor, ResourceInfo.Descriptor, PreconditionFailure.Descriptor, ErrorInfo.Descriptor));
        builder.Services.AddGrpcReflection();
        builder.Services.AddGrpcHealthChecks();
        if (builder.Configuration[AccessLog.PathSetting] is { Length: > 0 } path)
        {
            builder.Services.AddSingleton(services => new AccessLog(path, services.GetRequiredService<TimeProvider>()));
            builder.Services.AddHostedService(services => services.GetRequiredService<AccessLog>());
        }

        return builder;
    }

    /// <summary>Maps health, metrics, reflection and the shared middleware; call it before the modules are mapped.</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        if (app.Services.GetService<AccessLog>() is { } accessLog)
        {
            app.Use(accessLog.InvokeAsync);
        }

        // An address that ends in a slash, before a path that begins with one.
        app.Use(static (http, next) =>
        {
            if (http.Request.Path.Value is ['/', '/', ..] path)
            {
                http.Request.Path = "/" + path.TrimStart('/');
            }

            return next(http);
        });
        app.UseExceptionHandler();
        app.UseMiddleware<ForeignRequestGuard>();
        app.UseRouting();
        app.MapHealthChecks("/health", HealthOf(ReadyTag)).WithMetadata(RequiredPermission.None);
        app.MapHealthChecks("/alive", HealthOf("live")).WithMetadata(RequiredPermission.None);
        app.MapPrometheusScrapingEndpoint("/metrics").WithMetadata(RequiredPermission.None);
        app.MapGrpcHealthChecksService().WithMetadata(RequiredPermission.None);
        app.MapGrpcReflectionService().WithMetadata(RequiredPermission.None);
        return app;
    }

    private static HealthCheckOptions HealthOf(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        ResponseWriter = async (context, report) =>
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            var text = report.Status == HealthStatus.Healthy
                ? "OK"
                : string.Join('\n', report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                    .Select(entry => $"{entry.Key}: {entry.Value.Description ?? entry.Value.Status.ToString()}"));
            await context.Response.WriteAsync(text, context.RequestAborted);
        },
    };
}
