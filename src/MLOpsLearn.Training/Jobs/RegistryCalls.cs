using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.Jobs;

/// <summary>What a job asks of the registry, in the registry's words.</summary>
internal sealed class RegistryCalls(IServiceScopeFactory scopes, Registry.RegistryClient registry, TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>The version that this job made before it was interrupted; null when it made none.</summary>
    public async Task<ModelVersion?> FindVersionAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        var request = new ListModelVersionsRequest { Model = job.Model, PageSize = PageSize };
        do
        {
            ListModelVersionsResponse page;
            try
            {
                page = await registry.ListModelVersionsAsync(request, deadline: Deadline(10), cancellationToken: cancellationToken);
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                return null;
            }

            if (page.Versions.FirstOrDefault(version => version.Origin?.JobId == job.Id) is { } found)
            {
                return found;
            }

            // Newest first: what is older than the job can't be its work.
            var isPast = page.Versions.Any(version => version.CreateTime.ToDateTimeOffset() < job.CreateTime);
            request.PageToken = isPast ? "" : page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        return null;
    }

    public async Task<ModelVersion> CreateVersionAsync(TrainingJob job, TrainedModel model, CancellationToken cancellationToken)
    {
        var request = new CreateModelVersionRequest
        {
            RequestId = RequestIds.Derive(job.Id, "register"),
            Model = job.Model,
            RunId = job.RunId,
            ArtifactPath = model.ArtifactPath,
            ModelFile = model.ModelFile,
            Signature = new ModelSignature { Output = model.Output },
            Origin = new Origin
            {
                TriggerKind = job.Trigger.Kind,
                TriggerId = job.Trigger.Id,
                TriggerReason = job.Trigger.Reason,
                TriggerTime = Timestamp.FromDateTimeOffset(job.Trigger.Time),
                JobId = job.Id,
                Pipeline = job.Pipeline,
                PipelineVersion = job.PipelineVersion,
                DatasetSha256 = model.DatasetSha256,
                WindowStart = model.WindowStart,
                WindowEnd = model.WindowEnd,
                // Of the job, not of this attempt: the same request must have the same body.
                TraceParent = job.TraceParent ?? "",
            },
        };
        request.Signature.Inputs.AddRange(model.Inputs.Select(input => new SignatureColumn
        {
            Name = input.Name,
            Kind = input.Kind == "categorical" ? ColumnKind.Categorical : ColumnKind.Numeric,
            Required = input.Required,
        }));
        try
        {
            return await registry.CreateModelVersionAsync(request, deadline: Deadline(30), cancellationToken: cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            if (await HasModelAsync(job.Model, cancellationToken))
            {
                throw;
            }

            await CreateModelAsync(job, cancellationToken);
            return await registry.CreateModelVersionAsync(request, deadline: Deadline(30), cancellationToken: cancellationToken);
        }
    }

    /// <summary>Gives the pipeline's gate to the registry, once for each version of the pipeline: a policy that a person set since stays.</summary>
    public async Task HandOverPolicyAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrainingDbContext>();
        var pipeline = await db.PipelineVersions.FirstAsync(
            known => known.Workspace == job.Workspace && known.Name == job.Pipeline && known.Version == job.PipelineVersion, cancellationToken);
        if (pipeline.GateHandedOver)
        {
            return;
        }

        var policy = PipelineReading.Parse(pipeline.Yaml).Gate.ToPolicy(job.Model);
        await registry.PutPromotionPolicyAsync(
            new PutPromotionPolicyRequest { Model = job.Model, Policy = policy }, deadline: Deadline(10), cancellationToken: cancellationToken);

        pipeline.MarkGateHandedOver();
        await db.SaveChangesAsync(cancellationToken);
    }

    private async Task<bool> HasModelAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            await registry.GetModelAsync(new GetModelRequest { Name = model }, deadline: Deadline(10), cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task CreateModelAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        try
        {
            await registry.CreateModelAsync(
                new CreateModelRequest
                {
                    RequestId = RequestIds.Derive(job.Id, "model"),
                    Name = job.Model,
                    Description = $"Made by pipeline {job.Pipeline}.",
                },
                deadline: Deadline(10),
                cancellationToken: cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists)
        {
            // Somebody else made it in the meantime.
        }
    }

    private DateTime Deadline(int seconds) => time.GetUtcNow().UtcDateTime.AddSeconds(seconds);
}
