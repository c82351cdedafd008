using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The native contract's way to the search of runs.</summary>
internal sealed class RunSearchCall(RunSearch search)
{
    private const int MostExperiments = 1000;

    /// <exception cref="RpcException">INVALID_ARGUMENT for a filter, an order or a page token that can't be read.</exception>
    public async Task<ListRunsResponse> FindAsync(SearchRunsRequest request, CancellationToken cancellationToken)
    {
        var answer = new ListRunsResponse();
        answer.NextPageToken = await RefusedCalls.ReadAsync(
            "filter",
            request.Filter,
            search.FindAsync(
                QueryOf(request),
                withData: !request.OmitData,
                (runs, data) =>
                {
                    answer.Runs.Add(runs.Select(run => RunView.Of(run, data?[run.Key])));
                    return Task.CompletedTask;
                },
                cancellationToken)) ?? "";
        return answer;
    }

    public async Task<CountRunsResponse> CountAsync(SearchRunsRequest request, CancellationToken cancellationToken) => new()
    {
        Count = await RefusedCalls.ReadAsync("filter", request.Filter, search.CountAsync(QueryOf(request), cancellationToken)),
    };

    /// <summary>What every search must keep to.</summary>
    public static FieldChecks Check(int pageSize, string filter, LifecycleView view) => new FieldChecks().PageSize(pageSize)
        // What no database takes as text can't be in it either.
        .Require(!filter.Contains('\0'), "filter", filter, "must not contain NUL")
        .Require(Enum.IsDefined(view), "view", view, "must be ACTIVE, DELETED or ALL, or absent");

    public static LifeView ViewOf(LifecycleView view) => view switch
    {
        LifecycleView.Deleted => LifeView.Deleted,
        LifecycleView.All => LifeView.All,
        _ => LifeView.Active,
    };

    private static RunQuery QueryOf(SearchRunsRequest request)
    {
        Check(request.PageSize, request.Filter, request.View)
            .Require(request.ExperimentIds.Count <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"takes at most {MostExperiments} entries")
            .Require(request.ParentRunId.Length == 0 || RunCatalog.IsRunId(request.ParentRunId), "parent_run_id", request.ParentRunId, "must be 32 hexadecimal digits, or absent")
            .ThrowIfAny();
        return new RunQuery(
            request.ExperimentIds.Count == 0 ? null : [.. request.ExperimentIds.Distinct()],
            RefusedCalls.Read("filter", request.Filter, () => FilterParser.Parse(request.Filter, extended: true)),
            RefusedCalls.Read("order_by", string.Join(", ", request.OrderBy), () => request.OrderBy.Select(OrderBy.Parse).ToList()),
            ViewOf(request.View),
            PageToken.SizeOrDefault(request.PageSize),
            request.PageToken,
            request.ParentRunId.Length == 0 ? null : request.ParentRunId,
            IsExtended: true);
    }
}
