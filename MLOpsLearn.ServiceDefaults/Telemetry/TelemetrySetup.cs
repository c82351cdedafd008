using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MLOpsLearn.ServiceDefaults.Telemetry;

/// <summary>Traces, metrics and logs by OpenTelemetry: always scraped at /metrics, sent by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set.</summary>
internal static class TelemetrySetup
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("MLOpsLearn.*", "MassTransit")
                .AddPrometheusExporter())
            .WithTracing(tracing => tracing
                .AddSource("MLOpsLearn.*", "MassTransit")
                .AddAspNetCoreInstrumentation(server => server.Filter = context => !IsProbe(context.Request.Path))
                .AddGrpcClientInstrumentation(client => client.SuppressDownstreamInstrumentation = true)
                .AddHttpClientInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            builder.Logging.AddOpenTelemetry(logging =>
            {
                logging.IncludeFormattedMessage = true;
                logging.IncludeScopes = true;
            });
            telemetry.UseOtlpExporter();
        }
    }

    /// <summary>Probes and scrapes come every few seconds and tell nothing.</summary>
    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments("/health") || path.StartsWithSegments("/alive") || path.StartsWithSegments("/metrics");
}
