using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>The native contract's way to logged models.</summary>
internal sealed class LoggedModelCatalog(WriteQueue queue, LoggedModelLog models, LoggedModelSearch search, TimeProvider time)
{
    private const int MostExperiments = 1000;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT; NOT_FOUND for an experiment that there is not; FAILED_PRECONDITION for a deleted one.</exception>
    public Task<Contracts.Tracking.V1.LoggedModel> CreateAsync(CreateLoggedModelRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Text("name", request.Name, 500, required: false)
            .Require(request.Name.Length == 0 || LoggedModelLog.IsName(request.Name), "name", request.Name, "must contain none of / : . % \" and '")
            .Text("model_type", request.ModelType, 500, required: false)
            .Require(request.SourceRunId.Length == 0 || RunCatalog.IsRunId(request.SourceRunId), "source_run_id", request.SourceRunId, "must be 32 hexadecimal digits, or absent")
            .Tags("params", request.Params).Tags("tags", request.Tags).ThrowIfAny();
        var model = new NewLoggedModel(
            request.ExperimentId, request.Name.Length > 0 ? request.Name : RunNames.Make(), NullIfEmpty(request.ModelType), NullIfEmpty(request.SourceRunId), request.Params, request.Tags);
        return RefusedCalls.SayAsync(queue.RunOnceAsync(
            request.RequestId, request, time, async session => (await models.AddAsync(session, model)).ToProto(), cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.LoggedModel> GetAsync(GetLoggedModelRequest request, CancellationToken cancellationToken)
    {
        Check(request.ModelId).ThrowIfAny();
        return await ShowAsync(models.GetAsync(request.ModelId, request.AllowDeleted, cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.LoggedModel> FinishAsync(FinishLoggedModelRequest request, CancellationToken cancellationToken)
    {
        Check(request.ModelId).Require(
            request.Status != LoggedModelStatus.Unspecified && Enum.IsDefined(request.Status), "status", request.Status, "must be READY, UPLOAD_FAILED or PENDING").ThrowIfAny();
        return await ShowAsync(models.FinishAsync(request.ModelId, (int)request.Status, cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.LoggedModel> DescribeAsync(DescribeLoggedModelRequest request, CancellationToken cancellationToken)
    {
        Check(request.ModelId).Tags("params", request.Params).Tags("tags", request.Tags).ThrowIfAny();
        return await ShowAsync(models.DescribeAsync(request.ModelId, request.Params, request.Tags, cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.LoggedModel> DeleteTagAsync(DeleteLoggedModelTagRequest request, CancellationToken cancellationToken)
    {
        Check(request.ModelId).Text("key", request.Key, 250).ThrowIfAny();
        await RefusedCalls.SayAsync(models.DeleteTagAsync(request.ModelId, request.Key, cancellationToken));
        return await ShowAsync(models.GetAsync(request.ModelId, allowDeleted: false, cancellationToken));
    }

    public async Task<DeleteLoggedModelResponse> DeleteAsync(DeleteLoggedModelRequest request, CancellationToken cancellationToken)
    {
        Check(request.ModelId).ThrowIfAny();
        await RefusedCalls.SayAsync(models.DeleteAsync(request.ModelId, cancellationToken));
        return new DeleteLoggedModelResponse();
    }

    public async Task<SearchLoggedModelsResponse> SearchAsync(SearchLoggedModelsRequest request, CancellationToken cancellationToken)
    {
        var checks = RunSearchCall.Check(request.PageSize, request.Filter, LifecycleView.Active)
            .Require(request.ExperimentIds.Count is >= 1 and <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"takes 1 to {MostExperiments} entries")
            .Require(request.Datasets.Count <= 100, "datasets", request.Datasets.Count, "takes at most 100 entries");
        foreach (var dataset in request.Datasets.Take(100))
        {
            checks.Text("datasets.name", dataset.Name, 500).Text("datasets.digest", dataset.Digest, 36, required: false);
        }

        checks.ThrowIfAny();
        var query = new LoggedModelQuery(
            [.. request.ExperimentIds.Distinct()],
            RefusedCalls.Read("filter", request.Filter, () => FilterParser.Parse(request.Filter, extended: true)),
            [.. request.Datasets.Select(dataset => (dataset.Name, NullIfEmpty(dataset.Digest)))],
            RefusedCalls.Read("order_by", string.Join(", ", request.OrderBy), () => request.OrderBy.Select(OrderOf).ToList()),
            PageToken.SizeOrDefault(request.PageSize),
            request.PageToken);
        var (found, next) = await RefusedCalls.ReadAsync("filter", request.Filter, search.FindAsync(query, query.Fingerprint(request.Filter), cancellationToken));
        return new SearchLoggedModelsResponse { Models = { found.Select(model => model.ToProto()) }, NextPageToken = next ?? "" };
    }

    private static LoggedModelOrder OrderOf(string text)
    {
        var order = OrderBy.Parse(text);
        return new LoggedModelOrder(order.Name, order.Ascending, null, null);
    }

    private static FieldChecks Check(string modelId) => InputCatalog.CheckModelId(new FieldChecks(), "model_id", modelId);

    private static async Task<Contracts.Tracking.V1.LoggedModel> ShowAsync(Task<LoggedModelRecord> call) => (await RefusedCalls.SayAsync(call)).ToProto();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
