using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MLOpsLearn.Messaging.Calls;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Garbage;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Protocols.MLflow;
using MLOpsLearn.Tracking.Retention;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking;

/// <summary>Experiments, runs and what they logged, with their artifacts.</summary>
public static class TrackingModule
{
    /// <summary>Name of the service: connection string, addresses, health check.</summary>
    public const string Name = "tracking";

    /// <summary>Adds the module. Needs the connection string "tracking", the setting <c>Artifacts:Root</c>, and the address of the registry.</summary>
    public static IHostApplicationBuilder AddTrackingModule(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<TrackingDbContext, SqliteTrackingDbContext, PostgresTrackingDbContext>(Name);
        builder.AddBaseline(TrackingTelemetry.Baseline);
        builder.Services.AddOptions<ArtifactOptions>().BindConfiguration(ArtifactOptions.Section)
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ArtifactOptions>, ArtifactOptionsCheck>().AddSingleton(ObjectStores.Create);
        builder.Services.AddSingleton<ArtifactStore>().AddSingleton<MetricKeys>().AddSingleton<StepCounts>().AddSingleton(SearchLimits.Default);
        builder.Services.AddSingleton<TrackingDatabase>().AddSingleton<WriteQueue>().AddHostedService(services => services.GetRequiredService<WriteQueue>());
        builder.Services.AddHostedService<DefaultExperiment>();
        builder.Services.AddSingleton<RunLog>().AddSingleton<LogBatchCall>().AddMLflow();
        builder.Services.AddSingleton<ExperimentCatalog>().AddSingleton<RunCatalog>().AddSingleton<RunSearchCall>()
            .AddSingleton<Metrics.MetricHistories>().AddSingleton<InputCatalog>().AddSingleton<LoggedModelCatalog>().AddSingleton<TraceCatalog>();
        builder.Services.AddHostedService<AbandonedUploads>();
        builder.Services.AddScoped<MetricHistory>().AddScoped<ArtifactCatalog>();
        builder.Services.AddSingleton<MultipartUploads>().AddSingleton<ContentSweep>().AddSingleton<GarbageCollection>();
        builder.AddServiceClient<Contracts.Registry.V1.Registry.RegistryClient>("registry");
        builder.Services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsCheck>().AddSingleton<RetentionPolicies>().AddSingleton<RunRetention>();
        builder.Services.AddSingleton<RegisteredRuns>().AddHostedService<RetentionWorker>();
        builder.Services.AddScoped<ArtifactFolders>().AddScoped<ArtifactPlaces>().AddScoped<ArtifactArchive>();
        builder.Services.AddHealthChecks().AddDbContextCheck<TrackingDbContext>(Name, HealthStatus.Unhealthy, ["ready"]);
        return builder;
    }

    /// <summary>Maps the gRPC service, its JSON form, and the artifact routes.</summary>
    public static IEndpointRouteBuilder MapTrackingModule(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<TrackingGrpcService>();
        routes.MapArtifacts();
        routes.MapMLflow();
        routes.MapProxiedArtifacts();
        routes.MapRunArtifacts();
        return routes;
    }
}
