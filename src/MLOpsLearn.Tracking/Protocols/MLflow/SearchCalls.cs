using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>
/// "runs/search" and "experiments/search". Beside what the original takes, a request may ask for more, by fields that no genuine client sends: <c>extended_filter</c>
/// (OR, parentheses, and lists for IN), <c>all_experiments</c>, <c>parent_run_id</c>, <c>omit_data</c>, and <c>count_only</c>, which answers <c>total_count</c>.
/// </summary>
internal sealed class SearchCalls(RunSearch search, ExperimentSearch experiments)
{
    private const int MostResults = 50_000;
    private static readonly string[] Views = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "runs/search", "tracking.runs.read", SearchRunsAsync);
        routes.MapCall("GET POST", "experiments/search", "tracking.experiments.read", SearchExperimentsAsync);
        // Clients of MLflow 1 know the search by this name.
        routes.MapCall("GET", "experiments/list", "tracking.experiments.read", SearchExperimentsAsync);
    }

    public static LifeView ViewOf(MLflowFields fields, string name) => fields.Enum(name, Views) switch
    {
        "DELETED_ONLY" => LifeView.Deleted,
        "ALL" => LifeView.All,
        _ => LifeView.Active,
    };

    private async Task SearchExperimentsAsync(MLflowCall call)
    {
        var fields = call.Fields;
        var (found, next) = await experiments.FindAsync(
            FilterParser.Parse(fields.String("filter"), fields.Bool("extended_filter") ?? false),
            [.. fields.Strings("order_by").Select(OrderBy.Parse)],
            ViewOf(fields, "view_type"),
            Checks.MaxResults(fields.Long("max_results"), 1000, MostResults),
            fields.String("page_token") ?? "",
            call.Cancelled);
        if (found.Count > 0)
        {
            call.Answer.WriteStartArray("experiments");
            foreach (var experiment in found)
            {
                call.Answer.WriteStartObject();
                ExperimentCalls.WriteFields(call.Answer, experiment);
                call.Answer.WriteEndObject();
            }

            call.Answer.WriteEndArray();
        }

        call.Answer.WriteOptional("next_page_token", next);
    }

    private async Task SearchRunsAsync(MLflowCall call)
    {
        var fields = call.Fields;
        var all = fields.Bool("all_experiments") ?? false;
        var experimentIds = fields.Strings("experiment_ids").Select(Checks.ExperimentId).Distinct().ToList();
        var isExtended = fields.Bool("extended_filter") ?? false;
        var query = new RunQuery(
            all ? null : experimentIds,
            FilterParser.Parse(fields.String("filter"), isExtended),
            [.. fields.Strings("order_by").Select(OrderBy.Parse)],
            ViewOf(fields, "run_view_type"),
            Checks.MaxResults(fields.Long("max_results"), 1000, MostResults),
            fields.String("page_token") ?? "",
            fields.String("parent_run_id"),
            isExtended);
        var withData = !(fields.Bool("omit_data") ?? false);
        if (fields.Bool("count_only") ?? false)
        {
            var count = await search.CountAsync(query, call.Cancelled);
            call.Answer.WriteNumber("total_count", count);
            return;
        }

        var hasRuns = false;
        var next = await search.FindAsync(
            query,
            withData,
            async (runs, data) =>
            {
                if (!hasRuns)
                {
                    call.Answer.WriteStartArray("runs");
                    hasRuns = true;
                }

                foreach (var run in runs)
                {
                    call.Answer.WriteStartObject();
                    RunJson.Write(call.Answer, run, data?[run.Key]);
                    call.Answer.WriteEndObject();
                }

                await call.FlushIfLargeAsync();
            },
            call.Cancelled);
        if (hasRuns)
        {
            call.Answer.WriteEndArray();
        }

        call.Answer.WriteOptional("next_page_token", next);
    }
}
