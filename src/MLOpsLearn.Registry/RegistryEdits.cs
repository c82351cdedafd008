using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Searching;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry;

/// <summary>Checks the native calls that search or change models and versions, and hands them to what MLflow's calls use too.</summary>
internal sealed class RegistryEdits(
    ModelChanges models, ModelCatalog catalog, ModelDetails details, VersionChanges versions, VersionCatalog versionCatalog, AliasBook aliases, ModelSearch modelSearch, VersionSearch versionSearch)
{
    private const int MaxDescription = 8000;

    public async Task<ListModelsResponse> SearchModelsAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var page = await SearchAsync(request, query => modelSearch.SearchAsync(query, cancellationToken));
        return new ListModelsResponse { Models = { page.Items.Select(view => view.ToProto()) }, NextPageToken = page.NextToken };
    }

    public async Task<ListModelVersionsResponse> SearchVersionsAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var page = await SearchAsync(request, query => versionSearch.SearchAsync(query, cancellationToken));
        return new ListModelVersionsResponse { Versions = { page.Items.Select(view => view.ToProto()) }, NextPageToken = page.NextToken };
    }

    public async Task<Model> UpdateModelAsync(UpdateModelRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().ModelName("name", request.Name).Text("description", request.Description, MaxDescription, required: false).ThrowIfAny();
        return (await models.DescribeAsync(request.Name, request.Description, cancellationToken)).ToProto();
    }

    public async Task<Model> RenameModelAsync(RenameModelRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().ModelName("name", request.Name).Name("new_name", request.NewName).ThrowIfAny();
        return (await models.RenameAsync(request.Name, request.NewName, cancellationToken)).ToProto();
    }

    public async Task<DeleteModelResponse> DeleteModelAsync(DeleteModelRequest request, CancellationToken cancellationToken)
    {
        await models.DeleteAsync(request.Name, cancellationToken);
        return new DeleteModelResponse();
    }

    public async Task<Model> SetModelTagAsync(SetModelTagRequest request, CancellationToken cancellationToken)
    {
        CheckTag(request.Key, request.Value);
        await models.SetTagAsync(request.Model, request.Key, request.Value, cancellationToken);
        return await ModelAsync(request.Model, cancellationToken);
    }

    public async Task<Model> DeleteModelTagAsync(DeleteModelTagRequest request, CancellationToken cancellationToken)
    {
        CheckTag(request.Key, "");
        await models.DeleteTagAsync(request.Model, request.Key, cancellationToken);
        return await ModelAsync(request.Model, cancellationToken);
    }

    public async Task<ModelVersion> UpdateVersionAsync(UpdateModelVersionRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("description", request.Description, MaxDescription, required: false).ThrowIfAny();
        return (await versions.DescribeAsync(request.Model, request.Version, request.Description.Length > 0 ? request.Description : null, cancellationToken)).ToProto();
    }

    public async Task<ModelVersion> MoveVersionAsync(MoveModelVersionRequest request, CancellationToken cancellationToken)
    {
        var stage = VersionStages.Find(request.Stage);
        new FieldChecks().Require(stage is not null, "stage", request.Stage, $"must be one of {string.Join(", ", VersionStages.All)}")
            .Require(!request.ArchiveOthers || stage is null || VersionStages.IsActive(stage), "archive_others", request.ArchiveOthers, "is for Staging and Production only")
            .ThrowIfAny();
        return (await versions.MoveToStageAsync(request.Model, request.Version, stage!, request.ArchiveOthers, cancellationToken)).ToProto();
    }

    public async Task<ListModelVersionsResponse> LatestVersionsAsync(GetLatestVersionsRequest request, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks();
        var stages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in request.Stages)
        {
            var known = VersionStages.Find(stage);
            checks.Require(known is not null, "stages", stage, $"must be one of {string.Join(", ", VersionStages.All)}");
            stages.Add(known ?? "");
        }

        checks.ThrowIfAny();
        await catalog.FindAsync(request.Model, cancellationToken);
        var latest = await details.LatestAsync([request.Model], cancellationToken);
        return new ListModelVersionsResponse
        {
            Versions = { latest.Where(view => stages.Count == 0 || stages.Contains(view.Version.Stage)).Select(view => view.ToProto()) },
        };
    }

    public async Task<DeleteModelVersionResponse> DeleteVersionAsync(DeleteModelVersionRequest request, CancellationToken cancellationToken)
    {
        await versions.DeleteAsync(request.Model, request.Version, cancellationToken);
        return new DeleteModelVersionResponse();
    }

    public async Task<ModelVersion> SetVersionTagAsync(SetModelTagRequest request, CancellationToken cancellationToken)
    {
        CheckTag(request.Key, request.Value);
        await versions.SetTagAsync(request.Model, request.Version, request.Key, request.Value, cancellationToken);
        return await versionCatalog.GetAsync(request.Model, request.Version, cancellationToken);
    }

    public async Task<ModelVersion> DeleteVersionTagAsync(DeleteModelTagRequest request, CancellationToken cancellationToken)
    {
        CheckTag(request.Key, "");
        await versions.DeleteTagAsync(request.Model, request.Version, request.Key, cancellationToken);
        return await versionCatalog.GetAsync(request.Model, request.Version, cancellationToken);
    }

    public async Task<DeleteAliasResponse> DeleteAliasAsync(DeleteAliasRequest request, CancellationToken cancellationToken)
    {
        AliasBook.CheckAlias(request.Alias).ThrowIfAny();
        await aliases.RemoveAsync(request.Model, request.Alias, cancellationToken);
        return new DeleteAliasResponse();
    }

    private static void CheckTag(string key, string value) => new FieldChecks().Text("key", key, ModelTag.MaxKeyLength)
        .Text("value", value, ModelTag.MaxValueLength, required: false).ThrowIfAny();

    private async Task<Model> ModelAsync(string name, CancellationToken cancellationToken) =>
        (await details.LoadAsync(await catalog.FindAsync(name, cancellationToken), cancellationToken)).ToProto();

    private static async Task<PageOf<T>> SearchAsync<T>(SearchRequest request, Func<RegistryQuery, Task<PageOf<T>>> search)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        // What no database takes as text can't be in it either.
        new FieldChecks().Require(ModelNames.IsText(request.Filter), "filter", request.Filter, "must not contain NUL").ThrowIfAny();
        try
        {
            return await search(new RegistryQuery(request.Filter, request.OrderBy, PageToken.SizeOrDefault(request.PageSize), request.PageToken, IsWide: true));
        }
        catch (MLflowException exception)
        {
            throw RpcErrors.Invalid("filter, order_by or page_token", request.Filter, exception.Message);
        }
    }
}
