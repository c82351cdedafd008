using System.Text.Json;
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

namespace MLOpsLearn.Registry.Versions;

/// <summary>Registers and finds versions.</summary>
internal sealed class VersionCatalog(RegistryDbContext context, ModelCatalog models, SourceRuns runs, TimeProvider time)
{
    public async Task<ModelVersion> CreateAsync(CreateModelVersionRequest request, CancellationToken cancellationToken)
    {
        VersionChecks.ThrowIfInvalid(request);
        await models.FindAsync(request.Model, cancellationToken);
        var path = $"{request.ArtifactPath}/{request.ModelFile}";
        var file = await runs.FindFileAsync(request.RunId, path, cancellationToken)
            ?? throw RpcErrors.FailedPrecondition("MODEL_FILE_MISSING", path, $"Run {request.RunId} has no artifact '{path}': upload it first.");
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var model = await context.Models.FirstAsync(model => model.Workspace == Workspaces.Default && model.Name == request.Model, token);
                var version = new RegisteredVersion
                {
                    Workspace = model.Workspace,
                    Model = model.Name,
                    Version = model.TakeNextVersion(),
                    CreatedAt = time.GetUtcNow(),
                    RunId = request.RunId,
                    ArtifactPath = request.ArtifactPath,
                    ModelFile = request.ModelFile,
                    ModelSha256 = file.Sha256,
                    ModelSizeBytes = file.SizeBytes,
                    SignatureJson = JsonFormatter.Default.Format(request.Signature ?? new ModelSignature()),
                    OriginJson = JsonFormatter.Default.Format(request.Origin ?? new Origin { TriggerKind = "manual" }),
                    TagsJson = JsonSerializer.Serialize(request.Tags.ToDictionary()),
                };
                context.Versions.Add(version);
                context.PublishOnSave(new ModelVersionCreated(version.Workspace, version.Model, version.Version, version.RunId, version.CreatedAt), time);
                await context.SaveChangesAsync(token);
                RegistryTelemetry.Registered();
                return version.ToProto([]);
            },
            cancellationToken);
    }

    public async Task<ModelVersion> GetAsync(string model, int version, CancellationToken cancellationToken)
    {
        var found = await FindAsync(model, version, cancellationToken);
        var aliases = await context.Aliases.AsNoTracking()
            .Where(alias => alias.Workspace == found.Workspace && alias.Model == model && alias.Version == version).Select(alias => alias.Alias).ToListAsync(cancellationToken);
        return found.ToProto(aliases);
    }

    public async Task<ListModelVersionsResponse> ListAsync(ListModelVersionsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var before = PageToken.DecodeNumber(request.PageToken) ?? int.MaxValue;
        var size = PageToken.SizeOrDefault(request.PageSize);
        var model = await models.FindAsync(request.Model, cancellationToken);
        var page = await context.Versions.AsNoTracking()
            .Where(version => version.Workspace == model.Workspace && version.Model == model.Name && version.Version < before)
            .OrderByDescending(version => version.Version).Take(size + 1).ToListAsync(cancellationToken);
        var aliases = (await context.Aliases.AsNoTracking().Where(alias => alias.Workspace == model.Workspace && alias.Model == model.Name).ToListAsync(cancellationToken))
            .ToLookup(alias => alias.Version, alias => alias.Alias);
        return new ListModelVersionsResponse
        {
            Versions = { page.Take(size).Select(version => version.ToProto(aliases[version.Version])) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Version) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<RegisteredVersion> FindAsync(string model, int version, CancellationToken cancellationToken)
    {
        await models.FindAsync(model, cancellationToken);
        return await context.Versions.AsNoTracking()
            .FirstOrDefaultAsync(found => found.Workspace == Workspaces.Default && found.Model == model && found.Version == version, cancellationToken)
            ?? throw RpcErrors.NotFound("model version", $"{model}/{version}");
    }
}
