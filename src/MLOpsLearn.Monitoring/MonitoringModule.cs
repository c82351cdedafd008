using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Calls;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Monitoring.Alerts;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Exports;
using MLOpsLearn.Monitoring.Ingestion;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.Monitors;
using MLOpsLearn.Monitoring.Queues;
using MLOpsLearn.Monitoring.References;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring;

/// <summary>Watches what endpoints predict: inputs, labels, quality, alerts.</summary>
public static class MonitoringModule
{
    /// <summary>Name of the service: connection string, addresses, health check.</summary>
    public const string Name = "monitoring";

    /// <summary>Adds the module. Needs the connection string "monitoring", the setting <c>Monitoring:Root</c> and the addresses of tracking, registry and inference.</summary>
    public static IHostApplicationBuilder AddMonitoringModule(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<MonitoringDbContext, SqliteMonitoringDbContext, PostgresMonitoringDbContext>(Name);
        builder.AddServiceClient<Contracts.Tracking.V1.Tracking.TrackingClient>("tracking");
        builder.AddServiceClient<Contracts.Registry.V1.Registry.RegistryClient>("registry");
        builder.AddServiceClient<Contracts.Inference.V1.Inference.InferenceClient>("inference");
        builder.AddSample<SubjectSample>();
        builder.AddEventConsumer<PredictionsServedHandler>(PredictionsServedHandler.Queue, IngestLine.MostTogether);
        builder.AddEventConsumer<DeploymentChangedHandler>("monitoring.deployment-changed");
        builder.Services.AddOptions<MonitoringOptions>().BindConfiguration(MonitoringOptions.Section)
            .Validate(options => options.Root.Length > 0, "Monitoring__Root must name a folder.")
            .Validate(options => options.SegmentRows is >= 1000 and <= 1_000_000, "Monitoring__SegmentRows must be between 1,000 and 1,000,000.")
            .ValidateOnStart();
        builder.Services.AddSingleton<EvaluationSignal>().AddSingleton<ReferenceKeeper>().AddSingleton<IngestLine>();
        builder.Services.AddScoped<SubjectBook>().AddScoped<PredictionIngest>().AddScoped<LabelIngest>().AddScoped<LabelJoin>()
            .AddScoped<WindowLedger>().AddScoped<WindowEvaluator>().AddScoped<WindowCatalog>()
            .AddScoped<RowLoader>().AddScoped<SegmentGatherer>().AddScoped<ReferenceBook>()
            .AddScoped<MonitorBook>().AddScoped<IncidentBook>().AddScoped<AlertCatalog>().AddScoped<WindowExport>();
        builder.Services.AddHostedService(services => services.GetRequiredService<IngestLine>()).AddHostedService<EvaluationWorker>().AddHostedService<ReferenceWorker>();
        builder.Services.AddHealthChecks().AddDbContextCheck<MonitoringDbContext>(Name, HealthStatus.Unhealthy, ["ready"]);
        return builder;
    }

    /// <summary>Maps the gRPC service, its JSON form, and the export route.</summary>
    public static IEndpointRouteBuilder MapMonitoringModule(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<MonitoringGrpcService>();
        routes.MapGrpcService<QueuesGrpcService>();
        routes.MapExports();
        return routes;
    }
}
