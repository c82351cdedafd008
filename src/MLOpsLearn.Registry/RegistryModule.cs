using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Calls;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Freezes;
using MLOpsLearn.Registry.Lineage;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Promotion;
using MLOpsLearn.Registry.Protocols.MLflow;
using MLOpsLearn.Registry.Searching;
using MLOpsLearn.Registry.Sources;
using MLOpsLearn.Registry.Versions;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry;

/// <summary>Models, versions, aliases, the gate between them, lineage and freezes.</summary>
public static class RegistryModule
{
    /// <summary>Name of the service: connection string, addresses, health check.</summary>
    public const string Name = "registry";

    /// <summary>Adds the module. Needs the connection string "registry" and the addresses of tracking, training and inference.</summary>
    public static IHostApplicationBuilder AddRegistryModule(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<RegistryDbContext, SqliteRegistryDbContext, PostgresRegistryDbContext>(Name);
        builder.AddServiceClient<Contracts.Tracking.V1.Tracking.TrackingClient>("tracking");
        builder.AddServiceClient<Contracts.Training.V1.Training.TrainingClient>("training");
        builder.AddServiceClient<Contracts.Inference.V1.Inference.InferenceClient>("inference");
        builder.AddSample<FreezeSample>();
        builder.AddBaseline(RegistryTelemetry.Baseline);
        builder.AddEventConsumer<TrainingCompletedHandler>("registry.training-completed");
        builder.AddEventConsumer<DeploymentChangedHandler>("registry.deployment-changed");
        builder.Services
            .AddScoped<ModelCatalog>().AddScoped<VersionCatalog>().AddScoped<AliasBook>().AddScoped<PolicyBook>()
            .AddScoped<PromotionGate>().AddScoped<EvaluationCatalog>().AddScoped<FreezeBook>().AddScoped<LineageReader>().AddScoped<ScoredRowsFile>().AddScoped<SourceRuns>();
        builder.Services.AddScoped<ModelDetails>().AddScoped<VersionDetails>().AddScoped<ModelChanges>().AddScoped<VersionChanges>()
            .AddScoped<ModelSearch>().AddScoped<VersionSearch>().AddScoped<RegistryEdits>().AddScoped<LoggedModels>().AddScoped<SourceLocator>().AddScoped<SourceRegistration>();
        builder.AddWebhooks();
        builder.Services.AddHealthChecks().AddDbContextCheck<RegistryDbContext>(Name, HealthStatus.Unhealthy, ["ready"]);
        return builder;
    }

    private static void AddWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section)
            .Validate(options => options.MostAttempts is >= 1 and <= 20, "Registry__Webhooks__MostAttempts must be between 1 and 20.")
            .Validate(options => options.Timeout > TimeSpan.Zero && options.Timeout <= TimeSpan.FromMinutes(5), "Registry__Webhooks__Timeout must be at most 5 minutes.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton<ResolveHost>(static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken));
        builder.Services.AddSingleton<WebhookSecrets>().AddSingleton<WebhookHosts>().AddSingleton<WebhookSender>().AddSingleton<WebhookWorker>();
        builder.Services.AddScoped<WebhookQueue>().AddScoped<WebhookBook>().AddScoped<WebhookCalls>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WebhookWorker>());
    }

    /// <summary>Maps the gRPC service, its JSON form, and MLflow's registry.</summary>
    public static IEndpointRouteBuilder MapRegistryModule(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<RegistryGrpcService>();
        routes.MapMLflowRegistry();
        return routes;
    }
}
