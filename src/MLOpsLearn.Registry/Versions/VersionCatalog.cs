using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Versions;

/// <summary>Registers and finds versions.</summary>
internal sealed class VersionCatalog(
    RegistryDbContext context, ModelCatalog models, VersionDetails details, SourceRuns runs, WebhookQueue webhooks, TimeProvider time)
{
    public async Task<ModelVersion> CreateAsync(CreateModelVersionRequest request, CancellationToken cancellationToken)
    {
        VersionChecks.ThrowIfInvalid(request);
        await models.FindAsync(request.Model, cancellationToken);
        var path = $"{request.ArtifactPath}/{request.ModelFile}";
        var file = await runs.FindFileAsync(request.RunId, path, cancellationToken)
            ?? throw RpcErrors.FailedPrecondition("MODEL_FILE_MISSING", path, $"Run {request.RunId} has no artifact '{path}': upload it first.");
        var version = new NewVersion(request.Model, $"runs:/{request.RunId}/{request.ArtifactPath}", request.Tags)
        {
            RunId = request.RunId,
            File = new ServedFile(
                request.ArtifactPath,
                request.ModelFile,
                file.Sha256,
                file.SizeBytes,
                JsonFormatter.Default.Format(request.Signature ?? new ModelSignature()),
                JsonFormatter.Default.Format(request.Origin ?? new Origin { TriggerKind = "manual" })),
        };
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var added = await AddAsync(version, token);
                await context.SaveChangesAsync(token);
                return (await details.LoadAsync(added, token)).ToProto();
            },
            cancellationToken);
    }

    /// <summary>Adds a version within the caller's transaction, with its event.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND for a model that there isn't.</exception>
    public async Task<RegisteredVersion> AddAsync(NewVersion from, CancellationToken cancellationToken)
    {
        var number = await models.TakeNextVersionAsync(from.Model, cancellationToken);
        var now = time.GetUtcNow();
        var version = new RegisteredVersion
        {
            Workspace = Workspaces.Default,
            Model = from.Model,
            Version = number,
            CreatedAt = now,
            UpdatedAt = now,
            Source = from.Source,
            StorageLocation = from.StorageLocation,
            RunId = from.RunId,
            RunLink = from.RunLink,
            ModelId = from.ModelId,
            Description = from.Description,
            ArtifactPath = from.File?.ArtifactPath ?? "",
            ModelFile = from.File?.Name ?? "",
            ModelSha256 = from.File?.Sha256 ?? "",
            ModelSizeBytes = from.File?.SizeBytes ?? 0,
            SignatureJson = from.File?.SignatureJson ?? "{}",
            OriginJson = from.File?.OriginJson ?? "{}",
        };
        context.Versions.Add(version);
        context.VersionTags.AddRange(from.Tags.Select(tag =>
            new VersionTag { Workspace = version.Workspace, Model = version.Model, Version = number, Key = tag.Key, Value = tag.Value }));
        context.PublishOnSave(new ModelVersionCreated(version.Workspace, version.Model, number, version.RunId, now), time);
        await webhooks.AddAsync(RegistryNews.VersionCreated(from, number), cancellationToken);
        RegistryTelemetry.Registered();
        return version;
    }

    public async Task<ModelVersion> GetAsync(string model, int version, CancellationToken cancellationToken) =>
        (await ViewAsync(model, version, cancellationToken)).ToProto();

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<VersionView> ViewAsync(string model, int version, CancellationToken cancellationToken) =>
        await details.LoadAsync(await FindAsync(model, version, cancellationToken), cancellationToken);

    public async Task<ListModelVersionsResponse> ListAsync(ListModelVersionsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var before = PageToken.DecodeNumber(request.PageToken) ?? int.MaxValue;
        var size = PageToken.SizeOrDefault(request.PageSize);
        var model = await models.FindAsync(request.Model, cancellationToken);
        var page = await context.Versions.AsNoTracking()
            .Where(version => version.Workspace == model.Workspace && version.Model == model.Name && version.Version < before)
            .OrderByDescending(version => version.Version).Take(size + 1).ToListAsync(cancellationToken);
        return new ListModelVersionsResponse
        {
            Versions = { (await details.LoadAsync([.. page.Take(size)], cancellationToken)).Select(view => view.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Version) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND, for the model or the version.</exception>
    public async Task<RegisteredVersion> FindAsync(string model, int version, CancellationToken cancellationToken)
    {
        await models.FindAsync(model, cancellationToken);
        return await context.Versions.AsNoTracking()
            .FirstOrDefaultAsync(found => found.Workspace == Workspaces.Default && found.Model == model && found.Version == version, cancellationToken)
            ?? throw RpcErrors.NotFound("model version", $"{model}/{version}");
    }
}
