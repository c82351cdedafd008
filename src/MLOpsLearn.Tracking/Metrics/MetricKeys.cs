using System.Collections.Concurrent;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>The numbers of metric names, remembered in memory since every logged value needs one.</summary>
internal sealed class MetricKeys
{
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);

    /// <summary>The number of a name, made when it has none. Inside a transaction: what is remembered is only what was committed.</summary>
    public ValueTask<long> NumberAsync(SqlSession session, string name) => _ids.TryGetValue(name, out var id) ? new(id) : LookUpAsync(session, name);

    private async ValueTask<long> LookUpAsync(SqlSession session, string name)
    {
        var id = await FindAsync(session, name);
        if (id is null)
        {
            await session.ExecuteAsync("INSERT INTO metric_keys (name) VALUES (@p0) ON CONFLICT (name) DO NOTHING", name);
            id = await FindAsync(session, name);
        }

        var known = id ?? throw new InvalidOperationException($"The metric '{name}' got no number.");
        session.AfterCommit(() =>
        {
            if (_ids.Count > MostRemembered)
            {
                _ids.Clear();
            }

            _ids[name] = known;
        });
        return known;
    }

    /// <summary>The number of a name; null when nothing was ever logged under it.</summary>
    public static ValueTask<long?> FindAsync(SqlSession session, string name) =>
        session.FirstAsync<long?>("SELECT id FROM metric_keys WHERE name = @p0", static row => row.GetInt64(0), name);
}
