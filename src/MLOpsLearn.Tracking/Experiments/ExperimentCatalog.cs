using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Retention;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>The native contract's way to experiments.</summary>
internal sealed class ExperimentCatalog(
    WriteQueue queue, ExperimentLife life, ExperimentReader reader, ExperimentRemoval removal, ExperimentSearch search, TimeProvider time)
{
    private const int LongestName = 500;
    private const int LongestTag = 5000;

    /// <exception cref="RpcException">INVALID_ARGUMENT, ALREADY_EXISTS.</exception>
    public Task<Contracts.Tracking.V1.Experiment> CreateAsync(CreateExperimentRequest request, CancellationToken cancellationToken)
    {
        var location = request.ArtifactLocation.Length > 0 ? request.ArtifactLocation : null;
        var checks = new FieldChecks().RequestId(request.RequestId).Text("name", request.Name, LongestName).Tags("tags", request.Tags)
            .Text("artifact_location", request.ArtifactLocation, ArtifactLocations.Longest, required: false);
        if (location is not null && ArtifactLocations.BrokenRule(location) is { } rule)
        {
            checks.Fault("artifact_location", location, rule);
        }

        foreach (var (key, value) in request.Tags)
        {
            Retention(checks, $"tags[\"{key}\"]", key, value);
        }

        checks.ThrowIfAny();
        return RefusedCalls.SayAsync(queue.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async session => (await ExperimentReader.GetAsync(session, await life.AddAsync(session, request.Name, location is null ? null : ArtifactLocations.Resolved(location), request.Tags))).ToProto(),
            cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.Experiment> GetAsync(long id, CancellationToken cancellationToken) =>
        (await RefusedCalls.SayAsync(reader.GetAsync(id, cancellationToken))).ToProto();

    public async Task<ListExperimentsResponse> ListAsync(ListExperimentsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).Text("name", request.Name, LongestName, required: false).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var page = await reader.ListAsync(PageToken.DecodeNumber(request.PageToken) ?? -1, request.Name, size + 1, cancellationToken);
        return new ListExperimentsResponse
        {
            Experiments = { page.Take(size).Select(experiment => experiment.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "",
        };
    }

    public async Task<ListExperimentsResponse> SearchAsync(SearchExperimentsRequest request, CancellationToken cancellationToken)
    {
        RunSearchCall.Check(request.PageSize, request.Filter, request.View).ThrowIfAny();
        var (found, next) = await RefusedCalls.ReadAsync(
            "filter",
            request.Filter,
            search.FindAsync(
                RefusedCalls.Read("filter", request.Filter, () => FilterParser.Parse(request.Filter, extended: true)),
                RefusedCalls.Read("order_by", string.Join(", ", request.OrderBy), () => request.OrderBy.Select(OrderBy.Parse).ToList()),
                RunSearchCall.ViewOf(request.View),
                PageToken.SizeOrDefault(request.PageSize),
                request.PageToken,
                cancellationToken));
        return new ListExperimentsResponse { Experiments = { found.Select(experiment => experiment.ToProto()) }, NextPageToken = next ?? "" };
    }

    public async Task<Contracts.Tracking.V1.Experiment> RenameAsync(UpdateExperimentRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("name", request.Name, LongestName).ThrowIfAny();
        await RefusedCalls.SayAsync(life.RenameAsync(request.ExperimentId, request.Name, cancellationToken));
        return await GetAsync(request.ExperimentId, cancellationToken);
    }

    public async Task<DeleteExperimentResponse> DeleteAsync(DeleteExperimentRequest request, CancellationToken cancellationToken)
    {
        await RefusedCalls.SayAsync(request.Permanent
            ? removal.RemoveUnusedAsync(request.ExperimentId, cancellationToken)
            : life.SetDeletedAsync(request.ExperimentId, isDeleted: true, cancellationToken));
        return new DeleteExperimentResponse();
    }

    public async Task<Contracts.Tracking.V1.Experiment> RestoreAsync(long id, CancellationToken cancellationToken)
    {
        await RefusedCalls.SayAsync(life.SetDeletedAsync(id, isDeleted: false, cancellationToken));
        return await GetAsync(id, cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Experiment> SetTagAsync(SetExperimentTagRequest request, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks().Text("key", request.Key, 250).Text("value", request.Value, LongestTag, required: false);
        Retention(checks, $"value of {request.Key}", request.Key, request.Value);
        checks.ThrowIfAny();
        await RefusedCalls.SayAsync(life.SetTagAsync(request.ExperimentId, request.Key, request.Value, cancellationToken));
        return await GetAsync(request.ExperimentId, cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Experiment> DeleteTagAsync(DeleteExperimentTagRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Text("key", request.Key, 250).ThrowIfAny();
        await RefusedCalls.SayAsync(life.DeleteTagAsync(request.ExperimentId, request.Key, cancellationToken));
        return await GetAsync(request.ExperimentId, cancellationToken);
    }

    private static void Retention(FieldChecks checks, string field, string key, string value)
    {
        if (RetentionRules.BrokenRule(key, value) is { } rule)
        {
            checks.Fault(field, value, rule);
        }
    }
}
