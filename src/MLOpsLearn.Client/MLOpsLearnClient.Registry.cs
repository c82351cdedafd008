using System.Runtime.CompilerServices;
using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Client;

public sealed partial class MLOpsLearnClient
{
    /// <summary>Registers a folder of a run as a model's next version. The model is made when there is none of the name.</summary>
    /// <param name="model">Name of the model; no "/" or ":".</param>
    /// <param name="runId">The run.</param>
    /// <param name="artifactPath">The folder in the run.</param>
    /// <param name="modelFile">The file in that folder that is loaded for serving.</param>
    /// <param name="signature">What the model takes and gives.</param>
    /// <param name="tags">Tags of the version.</param>
    /// <param name="requestId">A key by which the call may be repeated; a new one by default.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT, or FAILED_PRECONDITION when the run has no such file.</exception>
    public async Task<ModelVersion> RegisterVersionAsync(
        string model,
        string runId,
        string artifactPath,
        string modelFile,
        ModelSignature? signature = null,
        IReadOnlyDictionary<string, string>? tags = null,
        string? requestId = null,
        CancellationToken cancellationToken = default)
    {
        try
        {
            await Registry.CreateModelAsync(new CreateModelRequest { RequestId = NewRequestId(), Name = model }, cancellationToken: cancellationToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.AlreadyExists)
        {
            // Then this is its next version.
        }

        return await Registry.CreateModelVersionAsync(
            new CreateModelVersionRequest
            {
                RequestId = requestId ?? NewRequestId(),
                Model = model,
                RunId = runId,
                ArtifactPath = artifactPath,
                ModelFile = modelFile,
                Signature = signature ?? new ModelSignature(),
                Tags = { tags as IDictionary<string, string> ?? (tags ?? new Dictionary<string, string>()).ToDictionary() },
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>A version by its number.</summary>
    /// <exception cref="RpcException">NOT_FOUND.</exception>
    public async Task<ModelVersion> GetVersionAsync(string model, int version, CancellationToken cancellationToken = default) =>
        await Registry.GetModelVersionAsync(new GetModelVersionRequest { Model = model, Version = version }, cancellationToken: cancellationToken);

    /// <summary>The version that has an alias, for example "champion".</summary>
    /// <exception cref="RpcException">NOT_FOUND.</exception>
    public async Task<ModelVersion> GetVersionAsync(string model, string alias, CancellationToken cancellationToken = default) =>
        await Registry.ResolveAliasAsync(new ResolveAliasRequest { Model = model, Alias = alias }, cancellationToken: cancellationToken);

    /// <summary>Gives a version an alias; who had it before loses it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="alias">For example "champion".</param>
    /// <param name="version">The version.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="RpcException">NOT_FOUND, or INVALID_ARGUMENT for what can't be an alias.</exception>
    public async Task<ModelVersion> SetAliasAsync(string model, string alias, int version, string reason = "", CancellationToken cancellationToken = default) =>
        await Registry.SetAliasAsync(
            new SetAliasRequest { RequestId = NewRequestId(), Model = model, Alias = alias, Version = version, Reason = reason }, cancellationToken: cancellationToken);

    /// <summary>Models that a filter finds, read page by page as they are taken.</summary>
    /// <param name="filter">For example <c>name LIKE 'trip%' AND tags.team = 'ops'</c>; empty for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT for a filter that can't be read.</exception>
    public async IAsyncEnumerable<Model> SearchModelsAsync(string filter = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new SearchRequest { Filter = filter, PageSize = PageSize };
        do
        {
            var page = await Registry.SearchModelsAsync(request, cancellationToken: cancellationToken);
            foreach (var model in page.Models)
            {
                yield return model;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>Versions that a filter finds, read page by page as they are taken.</summary>
    /// <param name="filter">For example <c>name = 'trip-duration' AND tags.stage = 'test'</c>; empty for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RpcException">INVALID_ARGUMENT for a filter that can't be read.</exception>
    public async IAsyncEnumerable<ModelVersion> SearchVersionsAsync(string filter = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new SearchRequest { Filter = filter, PageSize = PageSize };
        do
        {
            var page = await Registry.SearchModelVersionsAsync(request, cancellationToken: cancellationToken);
            foreach (var version in page.Versions)
            {
                yield return version;
            }

            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }
}
