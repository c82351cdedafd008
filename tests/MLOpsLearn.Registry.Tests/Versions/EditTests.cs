using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Tests.Data;

namespace MLOpsLearn.Registry.Tests.Versions;

/// <summary>Our own calls change and find what MLflow's do.</summary>
public sealed class EditTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Models_and_versions_are_searched_changed_and_deleted(string database)
    {
        await using var app = await RegistryApp.StartAsync(await postgres.DatabaseAsync(database));
        foreach (var name in new[] { "trip", "tram", "other" })
        {
            await app.Client.CreateModelAsync(new CreateModelRequest { Name = name, Tags = { ["team"] = name[..1] } }, cancellationToken: Cancel);
        }

        var request = app.VersionRequest();
        request.Model = "trip";
        await app.Client.CreateModelVersionAsync(request, cancellationToken: Cancel);
        await app.Client.SetModelVersionTagAsync(new SetModelTagRequest { Model = "trip", Version = 1, Key = "k", Value = "v" }, cancellationToken: Cancel);
        await app.Client.SetAliasAsync(new SetAliasRequest { Model = "trip", Version = 1, Alias = "best" }, cancellationToken: Cancel);
        var renamed = await app.Client.RenameModelAsync(new RenameModelRequest { Name = "trip", NewName = "ride" }, cancellationToken: Cancel);
        var described = await app.Client.UpdateModelAsync(new UpdateModelRequest { Name = "ride", Description = "d" }, cancellationToken: Cancel);
        var moved = await app.Client.MoveModelVersionAsync(new MoveModelVersionRequest { Model = "ride", Version = 1, Stage = "production", ArchiveOthers = true }, cancellationToken: Cancel);
        var wide = await app.Client.SearchModelsAsync(new SearchRequest { Filter = "name = 'ride' OR (name LIKE 't%' AND tags.team = 't')", OrderBy = { "name DESC" } }, cancellationToken: Cancel);
        var versions = await app.Client.SearchModelVersionsAsync(new SearchRequest { Filter = "tags.k = 'v'" }, cancellationToken: Cancel);

        Assert.Equal(("ride", "best", "d"), (renamed.Name, Assert.Single(renamed.Aliases).Alias, described.Description));
        Assert.Equal(("Production", "v"), (moved.Stage, moved.Tags["k"]));
        Assert.Equal(["tram", "ride"], wide.Models.Select(model => model.Name));
        Assert.Equal("ride", Assert.Single(versions.Versions).Model);
        await app.Client.DeleteAliasAsync(new DeleteAliasRequest { Model = "ride", Alias = "best" }, cancellationToken: Cancel);
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.ResolveAliasAsync(new ResolveAliasRequest { Model = "ride", Alias = "best" }, cancellationToken: Cancel));
        await app.Client.DeleteModelVersionTagAsync(new DeleteModelTagRequest { Model = "ride", Version = 1, Key = "k" }, cancellationToken: Cancel);
        await app.Client.DeleteModelTagAsync(new DeleteModelTagRequest { Model = "ride", Key = "team" }, cancellationToken: Cancel);
        await app.Client.DeleteModelVersionAsync(new DeleteModelVersionRequest { Model = "ride", Version = 1 }, cancellationToken: Cancel);
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.GetModelVersionAsync(new GetModelVersionRequest { Model = "ride", Version = 1 }, cancellationToken: Cancel));
        await app.Client.DeleteModelAsync(new DeleteModelRequest { Name = "ride" }, cancellationToken: Cancel);
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.GetModelAsync(new GetModelRequest { Name = "ride" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task What_breaks_a_rule_is_refused_by_name()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.CreateVersionAsync();

        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.SearchModelsAsync(new SearchRequest { Filter = "name = " }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.SearchModelsAsync(new SearchRequest { Filter = "name = 'a\0'" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.SearchModelsAsync(new SearchRequest { PageToken = "x" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.RenameModelAsync(new RenameModelRequest { Name = RegistryApp.Model, NewName = "a/b" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.SetModelTagAsync(new SetModelTagRequest { Model = RegistryApp.Model, Key = "" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.InvalidArgument, app.Client.MoveModelVersionAsync(new MoveModelVersionRequest { Model = RegistryApp.Model, Version = 1, Stage = "Live" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.UpdateModelAsync(new UpdateModelRequest { Name = "none" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(StatusCode.NotFound, app.Client.DeleteModelVersionAsync(new DeleteModelVersionRequest { Model = RegistryApp.Model, Version = 9 }, cancellationToken: Cancel));
    }
}
