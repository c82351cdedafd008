using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The order of a search of runs: by its keys, each with present values first, then NaN, then missing ones; ties newest first, then by id.</summary>
internal sealed class RunOrder
{
    /// <summary>The order of runs that are the same in every key; the default order.</summary>
    public const string Ties = "r.start_ms DESC, r.run_id ASC";

    /// <summary>
    /// The same as an order that no index has, for few runs: PostgreSQL, which takes them for more than they are, would walk along the index through
    /// all runs to meet them.
    /// </summary>
    public const string SortedTies = "r.start_ms + 0 DESC, r.run_id ASC";

    private RunOrder(IReadOnlyList<OrderKey> keys) => (Keys, Description) = (keys, string.Join(", ", keys.Select(key => key.Description)));

    /// <summary>By what runs are ordered before the ties decide; nothing that changes nothing.</summary>
    public IReadOnlyList<OrderKey> Keys { get; }

    /// <summary>What a page token is bound to.</summary>
    public string Description { get; }

    /// <param name="terms">As they were asked for.</param>
    /// <param name="isOfOneExperiment">Whether one experiment is searched.</param>
    /// <exception cref="MLflowException">There is no such key, or it comes twice.</exception>
    public static RunOrder Of(IReadOnlyList<OrderBy> terms, bool isOfOneExperiment)
    {
        var keys = new List<(RunEntity Entity, string Name, bool IsAscending)>();
        var seen = new HashSet<(RunEntity, string)>();
        foreach (var term in terms)
        {
            var (entity, name) = RunField.Of(term.Name, RunField.Searchable);
            if (entity == RunEntity.Dataset)
            {
                throw MLflowException.Invalid("Invalid order_by entity type 'dataset'");
            }

            if (!seen.Add((entity, name)))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {term.Name.Key}");
            }

            // Where artifacts go is the experiment's place and the run's id.
            keys.Add((entity, isOfOneExperiment && (entity, name) == (RunEntity.Attribute, "artifact_uri") ? "run_id" : name, term.Ascending));
        }

        // An id is a run's alone: what follows decides nothing.
        var id = keys.FindIndex(key => key is (RunEntity.Attribute, "run_id", _));
        if (id >= 0)
        {
            keys.RemoveRange(id + 1, keys.Count - id - 1);
        }

        if (keys is [.., (RunEntity.Attribute, "start_time", false), (RunEntity.Attribute, "run_id", true)])
        {
            keys.RemoveAt(keys.Count - 1);
        }

        if (keys is [.., (RunEntity.Attribute, "start_time", false)])
        {
            keys.RemoveAt(keys.Count - 1);
        }

        return new RunOrder([.. keys.Select(key => new OrderKey(key.Entity, key.Name, key.IsAscending, isOfOneExperiment))]);
    }
}
