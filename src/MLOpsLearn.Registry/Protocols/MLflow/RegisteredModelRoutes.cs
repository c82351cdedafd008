using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Searching;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary><c>registered-models/…</c> but for the aliases.</summary>
internal static class RegisteredModelRoutes
{
    private const string Prefix = "2.0/mlflow/registered-models/";
    private const string Read = "registry.models.read";
    private const string Write = "registry.models.write";
    private const int DefaultResults = 100;
    private const int MostResults = 1000;

    public static void MapRegisteredModels(this IEndpointRouteBuilder routes)
    {
        routes.MapMLflow("POST", Prefix + "create", Write, CreateAsync);
        routes.MapMLflow("GET", Prefix + "get", Read, GetAsync);
        routes.MapMLflow("PATCH", Prefix + "update", Write, UpdateAsync);
        routes.MapMLflow("POST", Prefix + "rename", Write, RenameAsync);
        routes.MapMLflow("DELETE", Prefix + "delete", Write, DeleteAsync);
        routes.MapMLflow("GET", Prefix + "search", Read, SearchAsync);
        // Clients of MLflow 1 know the search without a filter by this name.
        routes.MapMLflow("GET", Prefix + "list", Read, SearchAsync);
        routes.MapMLflow("GET POST", Prefix + "get-latest-versions", Read, GetLatestVersionsAsync);
        routes.MapMLflow("POST", Prefix + "set-tag", Write, SetTagAsync);
        routes.MapMLflow("DELETE", Prefix + "delete-tag", Write, DeleteTagAsync);
    }

    private static async Task CreateAsync(MLflowCall call)
    {
        var name = call.Fields.NewModelName("name");
        var tags = call.Fields.Tags();
        var description = call.Fields.String("description") ?? "";
        var (models, details) = (call.Service<ModelCatalog>(), call.Service<ModelDetails>());
        var context = call.Service<RegistryDbContext>();
        try
        {
            var view = await context.InTransactionAsync(
                async token =>
                {
                    var model = await models.AddAsync(name, description, tags, token);
                    await context.SaveChangesAsync(token);
                    return await details.LoadAsync(model, token);
                },
                call.Cancelled).SayAsync(name);
            Answer(call, view);
        }
        catch (MLflowException exception) when (exception.Code == MLflowErrorCode.ResourceAlreadyExists)
        {
            var isPrompt = tags.GetValueOrDefault(ModelTag.IsPrompt) == "true";
            var takenByPrompt = await models.IsPromptAsync(name, call.Cancelled);
            throw isPrompt == takenByPrompt && !isPrompt ? exception : MLflowException.AlreadyExists(takenByPrompt
                ? isPrompt ? $"Prompt (name={name}) already exists." : $"Tried to create a registered model with name '{name}', but a prompt has that name. Models and prompts share their names."
                : $"Tried to create a prompt with name '{name}', but a registered model has that name. Models and prompts share their names.");
        }
    }

    private static async Task GetAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var model = await call.Service<ModelCatalog>().FindAsync(name, call.Cancelled).SayAsync(name);
        Answer(call, await call.Service<ModelDetails>().LoadAsync(model, call.Cancelled));
    }

    private static async Task UpdateAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var description = call.Fields.String("description") ?? "";
        Answer(call, await call.Service<ModelChanges>().DescribeAsync(name, description, call.Cancelled).SayAsync(name));
    }

    private static async Task RenameAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var newName = call.Fields.NewModelName("new_name");
        try
        {
            Answer(call, await call.Service<ModelChanges>().RenameAsync(name, newName, call.Cancelled).SayAsync(name));
        }
        catch (MLflowException exception) when (exception.Code == MLflowErrorCode.ResourceAlreadyExists)
        {
            throw RegistryWords.Taken(newName);
        }
    }

    private static async Task DeleteAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        await call.Service<ModelChanges>().DeleteAsync(name, call.Cancelled).SayAsync(name);
    }

    private static async Task SearchAsync(MLflowCall call)
    {
        var size = call.Fields.Long("max_results") ?? DefaultResults;
        if (size > MostResults)
        {
            throw MLflowException.Invalid($"Invalid value for request parameter max_results. It must be at most {MostResults}, but got value {size}");
        }

        if (size < 1)
        {
            throw MLflowException.Invalid($"Invalid value {size} for parameter 'max_results' supplied. It must be a positive integer");
        }

        var page = await call.Service<ModelSearch>().SearchAsync(
            new RegistryQuery(call.Fields.String("filter"), call.Fields.Strings("order_by"), (int)size, call.Fields.String("page_token"), IsWide: false), call.Cancelled);
        if (page.Items.Count > 0)
        {
            call.Answer.WriteStartArray("registered_models");
            foreach (var view in page.Items)
            {
                call.Answer.WriteModel(view);
                await call.FlushIfLargeAsync();
            }

            call.Answer.WriteEndArray();
        }

        if (page.NextToken.Length > 0)
        {
            call.Answer.WriteString("next_page_token", page.NextToken);
        }
    }

    private static async Task GetLatestVersionsAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var stages = call.Fields.Strings("stages").Select(RegistryFields.Stage).ToHashSet(StringComparer.Ordinal);
        await call.Service<ModelCatalog>().FindAsync(name, call.Cancelled).SayAsync(name);
        var latest = await call.Service<ModelDetails>().LatestAsync([name], call.Cancelled);
        call.Answer.WriteVersions("model_versions", [.. latest.Where(view => stages.Count == 0 || stages.Contains(view.Version.Stage))]);
    }

    private static async Task SetTagAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var (key, value) = call.Fields.Tag();
        await call.Service<ModelChanges>().SetTagAsync(name, key, value, call.Cancelled).SayAsync(name);
    }

    private static async Task DeleteTagAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var key = call.Fields.TagKey();
        await call.Service<ModelChanges>().DeleteTagAsync(name, key, call.Cancelled).SayAsync(name);
    }

    public static T Service<T>(this MLflowCall call) where T : notnull => call.Http.RequestServices.GetRequiredService<T>();

    private static void Answer(MLflowCall call, ModelView view)
    {
        call.Answer.WritePropertyName("registered_model");
        call.Answer.WriteModel(view);
    }
}
