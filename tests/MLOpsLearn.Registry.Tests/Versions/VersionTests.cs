using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Tests.Versions;

/// <summary>Models, their versions and their aliases.</summary>
public sealed class VersionTests
{
    private static CancellationToken Cancel => RegistryApp.Cancel;

    [Fact]
    public async Task Versions_made_at_once_are_numbered_without_gaps_or_doubles()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var requests = Enumerable.Range(0, 24).Select(_ => app.VersionRequest()).ToList();

        // Each request comes twice, as from a client that lost patience.
        var versions = await Task.WhenAll(requests.Concat(requests).Select(request => app.CreateVersionAsync(request)));

        Assert.Equal(Enumerable.Range(1, 24), versions.Select(version => version.Version).Distinct().Order());
        Assert.All(versions.GroupBy(version => version.RunId), same => Assert.Single(same.Distinct()));
        Assert.Equal(24, (await app.Client.GetModelAsync(new GetModelRequest { Name = RegistryApp.Model }, cancellationToken: Cancel)).LatestVersion);
        await app.Heard.UntilAsync(heard => heard.Versions.Count >= 24);
        Assert.Equal(Enumerable.Range(1, 24), app.Heard.Versions.Select(created => created.Version).Order());
    }

    [Fact]
    public async Task A_version_carries_the_digest_that_tracking_has_of_its_file()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var request = app.VersionRequest();
        request.Origin = new Origin { TriggerKind = "alert", TriggerId = "a-1", TriggerReason = "skill fell", TriggerTime = World.At(0), JobId = "job-1" };

        var version = await app.CreateVersionAsync(request);
        var read = await app.Client.GetModelVersionAsync(new GetModelVersionRequest { Model = RegistryApp.Model, Version = 1 }, cancellationToken: Cancel);

        Assert.Equal("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81", version.ModelSha256);
        Assert.Equal(3, version.ModelSizeBytes);
        Assert.Equal(request.Origin, version.Origin);
        Assert.Equal(request.Signature, version.Signature);
        Assert.Equal(version, read);
    }

    [Fact]
    public async Task A_version_needs_its_run_and_its_file()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var missing = app.VersionRequest();
        missing.ModelFile = "other.bin";

        var noRun = await RegistryApp.FailsAsync(
            StatusCode.FailedPrecondition, app.Client.CreateModelVersionAsync(app.VersionRequest(new string('f', 32)), cancellationToken: Cancel));
        var noFile = await RegistryApp.FailsAsync(StatusCode.FailedPrecondition, app.Client.CreateModelVersionAsync(missing, cancellationToken: Cancel));

        Assert.Contains("no run", noRun.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("model/other.bin", noFile.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(1, (await app.CreateVersionAsync()).Version);
    }

    [Theory]
    [InlineData(StatusCode.Internal)]
    [InlineData(StatusCode.Unknown)]
    [InlineData(StatusCode.DeadlineExceeded)]
    public async Task A_tracking_that_fails_is_unavailable_and_creates_nothing(StatusCode fault)
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var request = app.VersionRequest();
        app.World.Tracking = fault;

        await RegistryApp.FailsAsync(StatusCode.Unavailable, app.Client.CreateModelVersionAsync(request, cancellationToken: Cancel));
        app.World.Tracking = StatusCode.OK;

        Assert.Equal(1, (await app.CreateVersionAsync(request)).Version);
    }

    [Fact]
    public async Task A_repeated_creation_gives_the_first_answer_and_another_body_is_refused()
    {
        await using var app = await RegistryApp.StartAsync();
        var request = new CreateModelRequest { RequestId = RegistryApp.NewId(), Name = "m", Tags = { ["team"] = "taxi" } };

        var first = await app.Client.CreateModelAsync(request, cancellationToken: Cancel);
        var second = await app.Client.CreateModelAsync(request, cancellationToken: Cancel);

        Assert.Equal(first, second);
        await RegistryApp.FailsAsync(
            StatusCode.AlreadyExists, app.Client.CreateModelAsync(new CreateModelRequest { RequestId = request.RequestId, Name = "n" }, cancellationToken: Cancel));
        await RegistryApp.FailsAsync(
            StatusCode.AlreadyExists, app.Client.CreateModelAsync(new CreateModelRequest { RequestId = RegistryApp.NewId(), Name = "m" }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Models_and_versions_are_listed_page_by_page()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        foreach (var name in new[] { "a", "ä", "Z", "z" })
        {
            await app.Client.CreateModelAsync(new CreateModelRequest { Name = name }, cancellationToken: Cancel);
        }

        for (var i = 0; i < 3; i++)
        {
            await app.CreateVersionAsync();
        }

        var models = new List<string>();
        var request = new ListModelsRequest { PageSize = 2 };
        do
        {
            var page = await app.Client.ListModelsAsync(request, cancellationToken: Cancel);
            models.AddRange(page.Models.Select(model => model.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        var versions = await app.Client.ListModelVersionsAsync(new ListModelVersionsRequest { Model = RegistryApp.Model, PageSize = 2 }, cancellationToken: Cancel);
        var rest = await app.Client.ListModelVersionsAsync(
            new ListModelVersionsRequest { Model = RegistryApp.Model, PageSize = 2, PageToken = versions.NextPageToken }, cancellationToken: Cancel);

        Assert.Equal(5, models.Distinct().Count());
        Assert.Equal([3, 2, 1], versions.Versions.Concat(rest.Versions).Select(version => version.Version));
        Assert.Empty(rest.NextPageToken);
    }

    [Fact]
    public async Task A_person_moves_an_alias_and_the_event_says_from_where()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await app.CreateVersionAsync();
        await app.CreateVersionAsync();
        foreach (var (alias, version) in new[] { ("champion", 1), ("blue", 2), ("champion", 2), ("champion", 2) })
        {
            await app.Client.SetAliasAsync(
                new SetAliasRequest { RequestId = RegistryApp.NewId(), Model = RegistryApp.Model, Alias = alias, Version = version, Reason = "by hand" }, cancellationToken: Cancel);
        }

        var resolved = await app.Client.ResolveAliasAsync(new ResolveAliasRequest { Model = RegistryApp.Model, Alias = "champion" }, cancellationToken: Cancel);
        var model = await app.Client.GetModelAsync(new GetModelRequest { Name = RegistryApp.Model }, cancellationToken: Cancel);

        Assert.Equal(2, resolved.Version);
        Assert.Equal(["blue", "champion"], resolved.Aliases.Order());
        Assert.Equal([("blue", 2), ("champion", 2)], model.Aliases.Select(alias => (alias.Alias, alias.Version)));
        await app.Heard.UntilAsync(heard => heard.Aliases.Count >= 3);
        Assert.Equal([("champion", 1, 0), ("blue", 2, 0), ("champion", 2, 1)], app.Heard.Aliases.Select(changed => (changed.Alias, changed.Version, changed.PreviousVersion)));
    }
}
