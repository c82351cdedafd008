using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>The numbers of metric names, remembered in memory since every logged value needs one.</summary>
internal sealed class MetricKeys
{
    private const int MostRemembered = 100_000;
    private readonly ConcurrentDictionary<string, long> _ids = new(StringComparer.Ordinal);

    /// <summary>
    /// Gives each name a number for good. Call it outside a transaction: what is remembered must not be rolled back. A number
    /// that nothing refers to does no harm.
    /// </summary>
    public async Task<Dictionary<string, long>> NumberAsync(
        TrackingDbContext context, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        var unknown = new List<string>();
        foreach (var name in names)
        {
            if (numbers.ContainsKey(name))
            {
                continue;
            }

            if (!_ids.TryGetValue(name, out var id))
            {
                unknown.Add(name);
            }

            numbers[name] = id;
        }

        if (unknown.Count == 0)
        {
            return numbers;
        }

        foreach (var (name, id) in await LookUpAsync(context, unknown, cancellationToken))
        {
            numbers[name] = id;
        }

        var fresh = unknown.Where(name => numbers[name] == 0).Order(StringComparer.Ordinal).ToList();
        if (fresh.Count > 0)
        {
            foreach (var name in fresh)
            {
                await context.Database.ExecuteSqlAsync(
                    $"INSERT INTO metric_keys (name) VALUES ({name}) ON CONFLICT (name) DO NOTHING", cancellationToken);
            }

            foreach (var (name, id) in await LookUpAsync(context, fresh, cancellationToken))
            {
                numbers[name] = id;
            }
        }

        if (_ids.Count > MostRemembered)
        {
            _ids.Clear();
        }

        foreach (var name in unknown)
        {
            _ids[name] = numbers[name];
        }

        return numbers;
    }

    private static async Task<Dictionary<string, long>> LookUpAsync(
        TrackingDbContext context, List<string> names, CancellationToken cancellationToken) =>
        await context.MetricKeys.AsNoTracking().Where(key => names.Contains(key.Name))
            .ToDictionaryAsync(key => key.Name, key => key.Id, StringComparer.Ordinal, cancellationToken);
}
