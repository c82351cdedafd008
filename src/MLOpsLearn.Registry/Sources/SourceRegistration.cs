using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Sources;

/// <summary>Registers versions that come with a source only, by the native contract.</summary>
internal sealed class SourceRegistration(RegistryDbContext context, ModelCatalog models, VersionCatalog versions, SourceLocator locator, TimeProvider time)
{
    private const int LongestText = 8000;

    /// <exception cref="RpcException">INVALID_ARGUMENT; NOT_FOUND for a model, or what the source names; UNAVAILABLE when tracking does not answer for a logged model.</exception>
    public async Task<ModelVersion> RegisterAsync(RegisterSourceRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).ModelName("model", request.Model).Text("source", request.Source, LongestText)
            .Text("run_id", request.RunId, VersionChecks.MaxRunIdLength, required: false).Text("run_link", request.RunLink, LongestText, required: false)
            .Text("model_id", request.ModelId, 100, required: false).Text("description", request.Description, LongestText, required: false)
            .Tags("tags", request.Tags).ThrowIfAny();
        await models.FindAsync(request.Model, cancellationToken);
        var asked = new NewVersion(request.Model, request.Source, request.Tags)
        {
            RunId = request.RunId,
            RunLink = request.RunLink,
            ModelId = request.ModelId,
            Description = request.Description.Length > 0 ? request.Description : null,
        };
        var version = await LocateAsync(asked, cancellationToken);
        var registered = await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var added = await versions.AddAsync(version, token);
                await context.SaveChangesAsync(token);
                return (await versions.ViewAsync(added.Model, added.Version, token)).ToProto();
            },
            cancellationToken);
        await locator.TellAsync(registered.ModelId, registered.Model, registered.Version, cancellationToken);
        return registered;
    }

    private async Task<NewVersion> LocateAsync(NewVersion asked, CancellationToken cancellationToken)
    {
        try
        {
            SourceRules.Check(asked.Source, asked.Tags.ContainsKey(ModelTag.IsPrompt));
            return await locator.LocateAsync(asked, cancellationToken);
        }
        catch (MLflowException exception)
        {
            throw exception.Code switch
            {
                MLflowErrorCode.ResourceDoesNotExist => RpcErrors.NotFound("source", asked.ModelId.Length > 0 ? asked.ModelId : asked.Source),
                MLflowErrorCode.TemporarilyUnavailable => RpcErrors.Unavailable("TRACKING_AWAY", exception.Message),
                _ => RpcErrors.Invalid("source", asked.Source, exception.Message),
            };
        }
    }
}
