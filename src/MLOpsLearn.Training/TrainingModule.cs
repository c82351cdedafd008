using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Caching;
using MLOpsLearn.Messaging.Calls;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Messaging.Triggers;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.KubernetesJobs;
using MLOpsLearn.Training.Pipelines;
using MLOpsLearn.Training.Retraining;
using MLOpsLearn.Training.Triggers;
using MLOpsLearn.Training.WorkerApi;

namespace MLOpsLearn.Training;

/// <summary>Training: pipelines, the jobs that run them in child processes, and the policy that starts jobs by itself.</summary>
public static class TrainingModule
{
    /// <summary>Adds database, clients, workers and the consumer of alerts. Settings: section "Training".</summary>
    public static IHostApplicationBuilder AddTrainingModule(this IHostApplicationBuilder builder)
    {
        builder.AddModuleDatabase<TrainingDbContext, SqliteTrainingDbContext, PostgresTrainingDbContext>("training");
        builder.AddServiceClient<Tracking.TrackingClient>("tracking");
        builder.AddServiceClient<Registry.RegistryClient>("registry");
        builder.AddServiceClient<Monitoring.MonitoringClient>("monitoring");
        builder.Services.AddOptions<TrainingOptions>().BindConfiguration(TrainingOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<TrainingOptions>, TrainingOptionsValidator>();
        builder.Services.AddHealthChecks().AddCheck<TrainingHealthCheck>("training", tags: ["ready"]);
        builder.AddJobs();
        builder.AddRetraining();
        return builder;
    }

    /// <summary>Maps the public contract and the workers' contract.</summary>
    public static IEndpointRouteBuilder MapTrainingModule(this IEndpointRouteBuilder routes)
    {
        routes.MapGrpcService<TrainingGrpcService>();
        routes.MapGrpcService<TrainingWorkerGrpcService>();
        return routes;
    }

    private static void AddJobs(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JobSignal>();
        builder.Services.AddSingleton<JobChanges>();
        builder.AddExecutors();
        builder.Services.AddSingleton<WorkFolders>();
        builder.Services.AddSingleton<WorkerSettings>();
        builder.Services.AddSingleton<StandbyWorker>();
        builder.Services.AddSingleton<RegistryCalls>();
        builder.Services.AddSingleton<JobRegistration>();
        builder.Services.AddSingleton<JobExecution>();
        builder.Services.AddScoped<JobLedger>();
        builder.Services.AddScoped<JobQueue>();
        builder.Services.AddScoped<JobDesk>();
        builder.Services.AddScoped<PipelineCatalog>();
        builder.Services.AddHostedService<JobRunner>();
        builder.AddSample<QueueSample>();
        builder.AddBaseline(TrainingTelemetry.Baseline);
    }

    private static void AddExecutors(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KubernetesOptions>().BindConfiguration(KubernetesOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<KubernetesOptions>, KubernetesOptionsValidator>();
        builder.Services.TryAddSingleton<IKubernetes>(_ => new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig()));
        builder.Services.AddSingleton<IWorkerExecutor>(services => services.GetRequiredService<IOptions<TrainingOptions>>().Value.Executor switch
        {
            WorkerPlace.Kubernetes => ActivatorUtilities.CreateInstance<KubernetesExecutor>(services),
            _ => ActivatorUtilities.CreateInstance<ChildProcessExecutor>(services),
        });
        builder.Services.AddSingleton(services => new JobOwner { WorkersEndWithOwner = !services.GetRequiredService<IWorkerExecutor>().WorkersOutliveService });
    }

    private static void AddRetraining(this IHostApplicationBuilder builder)
    {
        builder.AddSharedCache();
        builder.Services.AddScoped<RetrainFactsReader>();
        builder.Services.AddScoped<RetrainDecider>();
        builder.Services.AddScoped<DecisionDesk>();
        builder.Services.AddSingleton<ReconcileSignal>();
        builder.Services.AddHostedService<RetrainReconciler>();
        builder.Services.AddScoped<TriggerInputs>();
        builder.Services.AddScoped<TriggerDecider>();
        builder.AddTriggerHandler<TriggerDesk>();
        builder.AddEventConsumer<AlertChangedConsumer>(AlertChangedConsumer.Queue);
    }
}
