using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The native contract's way to the search of runs.</summary>
internal sealed class RunSearchCall(RunSearch search, RunCatalog runs, TrackingDbContext context)
{
    private const int MostExperiments = 1000;

    /// <exception cref="RpcException">INVALID_ARGUMENT for a filter, an order or a page token that can't be read.</exception>
    public async Task<ListRunsResponse> FindAsync(SearchRunsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize)
            .Require(request.ExperimentIds.Count <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"takes at most {MostExperiments} entries")
            // What no database takes as text can't be in it either.
            .Require(!request.Filter.Contains('\0'), "filter", request.Filter, "must not contain NUL").ThrowIfAny();
        var query = new RunQuery(
            request.ExperimentIds.Count == 0 ? null : [.. request.ExperimentIds.Distinct()],
            Read("filter", request.Filter, () => FilterParser.Parse(request.Filter, extended: true)),
            Read("order_by", string.Join(", ", request.OrderBy), () => request.OrderBy.Select(OrderBy.Parse).ToList()),
            LifeView.Active,
            PageToken.SizeOrDefault(request.PageSize),
            request.PageToken,
            ParentRunId: null);
        var keys = new List<long>();
        string? next;
        try
        {
            next = await search.FindAsync(
                query,
                withData: false,
                (found, _) =>
                {
                    keys.AddRange(found.Select(run => run.Key));
                    return Task.CompletedTask;
                },
                cancellationToken);
        }
        catch (MLflowException exception)
        {
            throw RpcErrors.Invalid("filter", request.Filter, exception.Message);
        }

        var rows = await context.Runs.AsNoTracking().Where(run => keys.Contains(run.Key)).ToDictionaryAsync(run => run.Key, cancellationToken);
        return new ListRunsResponse
        {
            Runs = { await runs.ViewAsync([.. keys.Where(rows.ContainsKey).Select(key => rows[key])], cancellationToken) },
            NextPageToken = next ?? "",
        };
    }

    private static T Read<T>(string field, string text, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MLflowException exception)
        {
            throw RpcErrors.Invalid(field, text, exception.Message);
        }
    }
}
