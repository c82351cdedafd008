using Microsoft.AspNetCore.Routing;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary>The model registry of MLflow's REST API.</summary>
internal static class MLflowEndpoints
{
    public static void MapMLflowRegistry(this IEndpointRouteBuilder routes)
    {
        routes.MapRegisteredModels();
        routes.MapModelAliases();
        routes.MapModelVersions();
        routes.MapWebhooks();
        routes.MapVersionArtifacts();
    }
}
