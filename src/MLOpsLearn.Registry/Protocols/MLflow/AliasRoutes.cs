using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary><c>registered-models/alias</c>.</summary>
internal static class AliasRoutes
{
    private const string Path = "2.0/mlflow/registered-models/alias";

    public static void MapModelAliases(this IEndpointRouteBuilder routes)
    {
        routes.MapMLflow("POST", Path, "registry.aliases.write", SetAsync);
        routes.MapMLflow("DELETE", Path, "registry.aliases.write", DeleteAsync);
        routes.MapMLflow("GET", Path, "registry.versions.read", GetAsync);
    }

    private static async Task SetAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var alias = call.Fields.Alias();
        var version = call.Fields.VersionOf(name);
        await call.Service<AliasBook>().PointAsync(name, alias, version, call.Cancelled).SayVersionAsync(name, version);
    }

    private static async Task DeleteAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var alias = call.Fields.Alias();
        await call.Service<AliasBook>().RemoveAsync(name, alias, call.Cancelled).SayAsync(name);
    }

    private static async Task GetAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var isLatest = string.Equals(call.Fields.RequiredString("alias"), "latest", StringComparison.OrdinalIgnoreCase);
        var alias = isLatest ? "latest" : call.Fields.Alias();
        await call.Service<ModelCatalog>().FindAsync(name, call.Cancelled).SayAsync(name);
        var version = isLatest
            ? await call.Service<RegistryDbContext>().Versions.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .MaxAsync(row => (int?)row.Version, call.Cancelled)
            : (await call.Service<AliasBook>().FindAsync(name, alias, call.Cancelled))?.Version;
        if (version is not { } number)
        {
            throw MLflowException.Invalid($"Registered model alias {alias} not found.");
        }

        var view = await call.Service<VersionCatalog>().ViewAsync(name, number, call.Cancelled).SayVersionAsync(name, number);
        call.Answer.WritePropertyName("model_version");
        call.Answer.WriteVersion(view);
    }
}
