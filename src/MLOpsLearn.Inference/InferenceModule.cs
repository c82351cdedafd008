using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Deployments;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Caching;
using MLOpsLearn.Messaging.Calls;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Inference;

/// <summary>Endpoints that serve model versions.</summary>
public static class InferenceModule
{
    /// <summary>Name of the service: connection string, addresses, health check.</summary>
    public const string Name = "inference";

    /// <summary>Adds the module. Needs the connection string "inference", the setting <c>Inference:CacheRoot</c> and the addresses of registry and tracking.</summary>
    public static IHostApplicationBuilder AddInferenceModule(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<InferenceDbContext, SqliteInferenceDbContext, PostgresInferenceDbContext>(Name);
        builder.AddServiceClient<Contracts.Registry.V1.Registry.RegistryClient>("registry");
        builder.AddServiceClient<Contracts.Tracking.V1.Tracking.TrackingClient>("tracking");
        builder.AddEventConsumer<ModelAliasChangedHandler>("inference.model-alias-changed");
        builder.AddEventHint<AliasSignal>(typeof(ModelAliasChanged), typeof(DeploymentChanged));
        builder.AddBusWorker<CaptureWorker>();
        builder.AddSample<EndpointSample>();
        builder.AddCachedMessage<Contracts.Registry.V1.ModelVersion>();
        builder.Services.AddOptions<InferenceOptions>().BindConfiguration(InferenceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<EndpointTable>().AddSingleton<AliasSignal>().AddSingleton<ModelLoader>().AddSingleton<CaptureBuffer>().AddSingleton<BatchPublisher>()
            .AddSingleton<VersionSource>().AddSingleton<Predictor>().AddSingleton<InferenceGrpcService>().AddSingleton<FirstAnswerRecorder>()
            .AddSingleton<NewcomerLookup>();
        builder.Services.AddScoped<EndpointActivator>().AddScoped<EndpointCatalog>();
        builder.Services.AddHostedService<EndpointRefresher>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FirstAnswerRecorder>());
        builder.Services.AddHealthChecks().AddCheck<EndpointsHealthCheck>(Name, tags: ["ready"]);
        return builder;
    }

    /// <summary>Maps the gRPC service and its JSON form.</summary>
    public static IEndpointRouteBuilder MapInferenceModule(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<InferenceGrpcService>();
        return routes;
    }
}
