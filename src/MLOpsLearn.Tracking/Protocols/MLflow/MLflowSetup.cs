using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>MLflow's REST API for tracking: translates and calls the handlers that the native contract calls too.</summary>
internal static class MLflowSetup
{
    /// <summary>The version of MLflow whose contract is kept; clients only show it.</summary>
    private const string Version = "3.11.0";

    public static IServiceCollection AddMLflow(this IServiceCollection services) => services
        .AddSingleton<ExperimentReader>().AddSingleton<ExperimentLife>().AddSingleton<ExperimentRemoval>().AddSingleton<RunReader>().AddSingleton<RunLife>()
        .AddSingleton<ExperimentCalls>().AddSingleton<RunCalls>().AddSingleton<LogCalls>()
        .AddSingleton<RunSearch>().AddSingleton<ExperimentSearch>().AddSingleton<SearchCalls>()
        .AddSingleton<MetricHistoryReader>().AddSingleton<MetricSampler>().AddSingleton<MetricCalls>()
        .AddSingleton<DatasetLog>().AddSingleton<InputCalls>()
        .AddSingleton<LoggedModelLog>().AddSingleton<LoggedModelSearch>().AddSingleton<LoggedModelCalls>()
        .AddSingleton<TraceLog>().AddSingleton<TraceSearch>().AddSingleton<TraceCalls>();

    public static void MapMLflow(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        services.GetRequiredService<ExperimentCalls>().Map(routes);
        services.GetRequiredService<RunCalls>().Map(routes);
        services.GetRequiredService<LogCalls>().Map(routes);
        services.GetRequiredService<SearchCalls>().Map(routes);
        services.GetRequiredService<MetricCalls>().Map(routes);
        services.GetRequiredService<InputCalls>().Map(routes);
        services.GetRequiredService<LoggedModelCalls>().Map(routes);
        services.GetRequiredService<TraceCalls>().Map(routes);
        foreach (var prefix in new[] { "/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/3.0/mlflow", "/ajax-api/3.0/mlflow", "/api/2.0/preview/mlflow" })
        {
            routes.MapMLflowNotFound(prefix);
        }

        routes.MapGet("/version", static (HttpContext http) => http.Response.WriteAsync(Version, http.RequestAborted)).WithMetadata(RequiredPermission.None);
        routes.MapMLflow("GET", "3.0/mlflow/server-info", "tracking.experiments.read", static call =>
        {
            call.Answer.WriteString("store_type", "SqlStore");
            call.Answer.WriteBoolean("workspaces_enabled", false);
            return Task.CompletedTask;
        });
    }
}
