using Microsoft.Extensions.Options;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>Which policy holds for which experiment.</summary>
internal sealed class RetentionPolicies(TrackingDatabase database, IOptions<RetentionOptions> options)
{
    /// <summary>The experiments under a policy under which something may go, deleted ones included; only some of them when ids are given.</summary>
    public Task<List<(long ExperimentId, RetentionPolicy Policy)>> ReadAsync(IReadOnlyCollection<long> only, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var tags = new Dictionary<long, Dictionary<string, string>>();
            await session.ForEachAsync(
                "SELECT experiment_id, name, value FROM experiment_tags WHERE name IN (@p0, @p1, @p2, @p3)",
                row =>
                {
                    if (!tags.TryGetValue(row.GetInt64(0), out var own))
                    {
                        tags[row.GetInt64(0)] = own = new(StringComparer.Ordinal);
                    }

                    own[row.GetString(1)] = row.GetString(2);
                },
                RetentionRules.MaxAgeDays, RetentionRules.KeepLast, RetentionRules.KeepBest, RetentionRules.DeletedDays);
            var usual = options.Value.Policy;
            var ids = usual == RetentionPolicy.None ? [.. tags.Keys] : await session.QueryAsync("SELECT id FROM experiments", static row => row.GetInt64(0));
            return ids.Where(id => only.Count == 0 || only.Contains(id)).Order()
                .Select(id => (id, tags.TryGetValue(id, out var own) ? RetentionRules.Read(own.GetValueOrDefault, usual) : usual))
                .Where(entry => entry.Item2 is not { MaxAgeDays: null, DeletedDays: null }).ToList();
        },
        cancellationToken);
}
