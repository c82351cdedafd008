using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Searching;
using MLOpsLearn.Registry.Sources;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary><c>model-versions/…</c>.</summary>
internal static class ModelVersionRoutes
{
    private const string Prefix = "2.0/mlflow/model-versions/";
    private const string Read = "registry.versions.read";
    private const string Write = "registry.versions.write";
    private const int MostResults = 200_000;

    public static void MapModelVersions(this IEndpointRouteBuilder routes)
    {
        routes.MapMLflow("POST", Prefix + "create", Write, CreateAsync);
        routes.MapMLflow("GET", Prefix + "get", Read, GetAsync);
        routes.MapMLflow("PATCH", Prefix + "update", Write, UpdateAsync);
        routes.MapMLflow("POST", Prefix + "transition-stage", Write, TransitionAsync);
        routes.MapMLflow("DELETE", Prefix + "delete", Write, DeleteAsync);
        routes.MapMLflow("GET", Prefix + "search", Read, SearchAsync);
        routes.MapMLflow("GET", Prefix + "get-download-uri", Read, GetDownloadUriAsync);
        routes.MapMLflow("POST", Prefix + "set-tag", Write, SetTagAsync);
        routes.MapMLflow("DELETE", Prefix + "delete-tag", Write, DeleteTagAsync);
    }

    private static async Task CreateAsync(MLflowCall call)
    {
        var fields = call.Fields;
        var name = fields.ModelName();
        var source = fields.RequiredString("source");
        var tags = fields.Tags();
        var runId = fields.String("run_id") ?? "";
        MLflowKeys.CheckLength("run_id", runId, VersionChecks.MaxRunIdLength);
        var asked = new NewVersion(name, source, tags)
        {
            RunId = runId,
            RunLink = fields.String("run_link") ?? "",
            ModelId = fields.String("model_id") ?? "",
            Description = fields.String("description"),
        };
        SourceRules.Check(source, tags.GetValueOrDefault(ModelTag.IsPrompt) is not null);
        await call.Service<ModelCatalog>().FindAsync(name, call.Cancelled).SayAsync(name);
        var version = await call.Service<SourceLocator>().LocateAsync(asked, call.Cancelled);
        var view = await call.Service<VersionChanges>().RegisterAsync(version, call.Cancelled).SayAsync(name);
        await call.Service<SourceLocator>().TellAsync(view.Version.ModelId, view.Version.Model, view.Version.Version, call.Cancelled);
        Answer(call, view);
    }

    private static async Task GetAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var view = await FindAsync(call, name, version);
        var model = view.Version.ModelId.Length > 0 ? await call.Service<LoggedModels>().TryGetAsync(view.Version.ModelId, call.Cancelled) : null;
        Answer(call, view, model);
    }

    private static async Task UpdateAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var description = call.Fields.String("description");
        Answer(call, await call.Service<VersionChanges>().DescribeAsync(name, version, description, call.Cancelled).SayVersionAsync(name, version));
    }

    private static async Task TransitionAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var stage = RegistryFields.Stage(call.Fields.RequiredString("stage"));
        var archiveOthers = call.Fields.Bool("archive_existing_versions") ?? false;
        if (archiveOthers && !VersionStages.IsActive(stage))
        {
            throw MLflowException.Invalid(
                $"Model version transition cannot archive existing model versions because '{stage}' is not an Active stage. Valid stages are ['Staging', 'Production']");
        }

        Answer(call, await call.Service<VersionChanges>().MoveToStageAsync(name, version, stage, archiveOthers, call.Cancelled).SayVersionAsync(name, version));
    }

    private static async Task DeleteAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        await call.Service<VersionChanges>().DeleteAsync(name, version, call.Cancelled).SayVersionAsync(name, version);
    }

    private static async Task SearchAsync(MLflowCall call)
    {
        var size = call.Fields.Long("max_results") ?? MostResults;
        if (size < 1)
        {
            throw MLflowException.Invalid($"Invalid value for max_results. It must be a positive integer, but got {size}");
        }

        if (size > MostResults)
        {
            throw MLflowException.Invalid($"Invalid value for request parameter max_results. It must be at most {MostResults}, but got value {size}");
        }

        var page = await call.Service<VersionSearch>().SearchAsync(
            new RegistryQuery(call.Fields.String("filter"), call.Fields.Strings("order_by"), (int)size, call.Fields.String("page_token"), IsWide: false), call.Cancelled);
        if (page.Items.Count > 0)
        {
            call.Answer.WriteStartArray("model_versions");
            foreach (var view in page.Items)
            {
                call.Answer.WriteVersion(view);
                await call.FlushIfLargeAsync();
            }

            call.Answer.WriteEndArray();
        }

        if (page.NextToken.Length > 0)
        {
            call.Answer.WriteString("next_page_token", page.NextToken);
        }
    }

    private static async Task GetDownloadUriAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var view = await FindAsync(call, name, version);
        call.Answer.WriteString("artifact_uri", view.Version.DownloadLocation);
    }

    private static async Task SetTagAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var (key, value) = call.Fields.Tag();
        await call.Service<VersionChanges>().SetTagAsync(name, version, key, value, call.Cancelled).SayVersionAsync(name, version);
    }

    private static async Task DeleteTagAsync(MLflowCall call)
    {
        var name = call.Fields.ModelName();
        var version = call.Fields.VersionOf(name);
        var key = call.Fields.TagKey();
        await call.Service<VersionChanges>().DeleteTagAsync(name, version, key, call.Cancelled).SayVersionAsync(name, version);
    }

    private static Task<VersionView> FindAsync(MLflowCall call, string name, int version) =>
        call.Service<VersionCatalog>().ViewAsync(name, version, call.Cancelled).SayVersionAsync(name, version);

    private static void Answer(MLflowCall call, VersionView view, LoggedModel? model = null)
    {
        call.Answer.WritePropertyName("model_version");
        call.Answer.WriteVersion(view, model);
    }
}
