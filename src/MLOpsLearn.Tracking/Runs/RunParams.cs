using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Params are set once; the same value again is nothing new.</summary>
internal static class RunParams
{
    private const string Insert = "INSERT INTO params (run_key, name, value) VALUES (@p0, @p1, @p2) ON CONFLICT DO NOTHING";
    private const string Select = "SELECT value FROM params WHERE run_key = @p0 AND name = @p1";

    /// <exception cref="ParamTakenException">One of them has another value; nothing is written then.</exception>
    public static async ValueTask AddAsync(SqlSession session, long runKey, string runId, IReadOnlyList<KeyValuePair<string, string>> items)
    {
        List<ParamConflict>? conflicts = null;
        List<KeyValuePair<string, string>>? fresh = null;
        foreach (var item in items)
        {
            if (await session.FirstAsync(Select, static row => row.GetString(0), runKey, item.Key) is not { } stored)
            {
                (fresh ??= new(items.Count)).Add(item);
            }
            else if (stored != item.Value)
            {
                (conflicts ??= []).Add(new ParamConflict(item.Key, stored, item.Value));
            }
        }

        if (conflicts is not null)
        {
            throw new ParamTakenException(runId, conflicts);
        }

        foreach (var item in fresh ?? [])
        {
            // Another server beside this one may have been faster: then its value counts, as it would have above.
            if (await session.ExecuteAsync(Insert, runKey, item.Key, item.Value) == 0
                && await session.FirstAsync(Select, static row => row.GetString(0), runKey, item.Key) is { } stored && stored != item.Value)
            {
                throw new ParamTakenException(runId, [new ParamConflict(item.Key, stored, item.Value)]);
            }
        }
    }
}

/// <summary>A param that has a value and was to get another.</summary>
internal readonly record struct ParamConflict(string Key, string OldValue, string NewValue);

/// <summary>A param is set once.</summary>
internal sealed class ParamTakenException(string runId, IReadOnlyList<ParamConflict> conflicts)
    : Exception($"Run {runId} has other values for {string.Join(", ", conflicts.Select(conflict => conflict.Key))}.")
{
    public string RunId => runId;

    public IReadOnlyList<ParamConflict> Conflicts => conflicts;
}
