using System.Data.Common;
using System.Globalization;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A point of a history with the run that it belongs to.</summary>
internal readonly record struct RunPoint(string RunId, LoggedValue Value);

/// <summary>
/// Reads histories in MLflow's order: by time, then step, then value. They are stored by step, then time, which is the same order for
/// nearly every run; where it is not, the database sorts.
/// </summary>
internal sealed class MetricHistoryReader(TrackingDatabase database)
{
    private const string Columns = "p.value, p.is_nan, p.step, p.time_ms";
    private const int PointsPerPiece = 10_000;

    /// <summary>
    /// A metric's history in pieces, at most <paramref name="maxResults"/> points, and the token of what follows; nothing for a run or a
    /// metric that there is not.
    /// </summary>
    public Task<string?> ReadAsync(
        string runId, string key, long maxResults, string pageToken, Func<IReadOnlyList<LoggedValue>, Task> take, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var place = Place.Parse(pageToken);
            var (runKey, keyId, isInOrder) = await session.FirstAsync(
                """
                SELECT l.run_key, l.key_id, l.in_order FROM latest_metrics AS l
                WHERE l.run_key = (SELECT run_key FROM runs WHERE run_id = @p0) AND l.key_id = (SELECT id FROM metric_keys WHERE name = @p1)
                """,
                static row => (row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2)),
                runId, key);
            while (true)
            {
                var size = (int)Math.Min(PointsPerPiece, maxResults);
                var points = isInOrder
                    ? await InOrderAsync(session, runKey, keyId, key, place, size + 1)
                    : await SortedAsync(session, runKey, keyId, key, place, size + 1);
                var hasMore = points.Count > size;
                if (hasMore)
                {
                    points.RemoveAt(points.Count - 1);
                }

                cancellationToken.ThrowIfCancellationRequested();
                await take(points);
                maxResults -= points.Count;
                if (!hasMore)
                {
                    return null;
                }

                place = new Place(place.Skip + points.Count, points[^1]);
                if (maxResults == 0)
                {
                    return place.ToString();
                }
            }
        },
        cancellationToken);

    /// <summary>The histories of one metric of several runs, ordered by run, then as above.</summary>
    public Task<List<RunPoint>> BulkAsync(IReadOnlyCollection<string> runIds, string key, int maxResults, CancellationToken cancellationToken) => database.ReadAsync(
        session => session.QueryAsync(
            $"""
            SELECT {Columns}, r.run_id FROM runs AS r
            JOIN metric_points AS p ON p.run_key = r.run_key AND p.key_id = (SELECT id FROM metric_keys WHERE name = @p0)
            WHERE {session.Dialect.InTexts("r.run_id", "@p1")} ORDER BY r.run_id, p.time_ms, p.step, p.value LIMIT @p2
            """,
            row => new RunPoint(row.GetString(4), Read(row, key)),
            key, session.Dialect.List(runIds), (long)maxResults),
        cancellationToken);

    public static LoggedValue Read(DbDataReader row, string key) =>
        new(key, row.GetBoolean(1) ? double.NaN : row.GetDouble(0), row.GetInt64(2), row.GetInt64(3));

    private static ValueTask<List<LoggedValue>> InOrderAsync(SqlSession session, long runKey, long keyId, string key, Place place, int size)
    {
        const string Order = "ORDER BY p.step, p.time_ms, p.value, p.is_nan LIMIT @p2";
        return place.Last is not { } last
            ? session.QueryAsync(
                $"SELECT {Columns} FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1 {Order}", row => Read(row, key), runKey, keyId, (long)size)
            : session.QueryAsync(
                $"""
                SELECT {Columns} FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1
                AND (p.step, p.time_ms, p.value, p.is_nan) > (@p3, @p4, @p5, @p6) {Order}
                """,
                row => Read(row, key),
                runKey, keyId, (long)size, last.Step, last.TimeMs, last.StoredValue, double.IsNaN(last.Value));
    }

    private static ValueTask<List<LoggedValue>> SortedAsync(SqlSession session, long runKey, long keyId, string key, Place place, int size) => session.QueryAsync(
        $"""
        SELECT {Columns} FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1
        ORDER BY p.time_ms, p.step, p.value, p.is_nan LIMIT @p2 OFFSET @p3
        """,
        row => Read(row, key),
        runKey, keyId, (long)size, place.Skip);

    /// <summary>Where a page begins: by the point before it, and by its number, should the order have changed since.</summary>
    private readonly record struct Place(long Skip, LoggedValue? Last)
    {
        public static Place Parse(string token)
        {
            if (PageToken.DecodeText(token) is not { } text)
            {
                return default;
            }

            var parts = text.Split(':');
            return parts.Length == 5
                && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var step)
                && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var timeMs)
                && long.TryParse(parts[3], CultureInfo.InvariantCulture, out var bits)
                && parts[4] is "0" or "1"
                ? new Place(skip, new LoggedValue("", parts[4] == "1" ? double.NaN : BitConverter.Int64BitsToDouble(bits), step, timeMs))
                : throw RpcErrors.Invalid("page_token", token, "must be the next_page_token of an earlier answer");
        }

        public override string ToString() => PageToken.Encode(string.Create(
            CultureInfo.InvariantCulture,
            $"{Skip}:{Last!.Value.Step}:{Last.Value.TimeMs}:{BitConverter.DoubleToInt64Bits(Last.Value.StoredValue)}:{(double.IsNaN(Last.Value.Value) ? 1 : 0)}"));
    }
}
