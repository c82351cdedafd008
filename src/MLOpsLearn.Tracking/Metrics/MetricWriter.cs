using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Appends metric values and keeps the latest beside them. Plain SQL that both databases understand, since this is the hot path: a statement
/// takes many rows, and no entity is tracked.
/// </summary>
internal static class MetricWriter
{
    private const int RowsPerStatement = 200;
    private static readonly string FullHistoryInsert = HistoryInsert(RowsPerStatement);

    /// <summary>Writes inside the context's transaction.</summary>
    public static async Task WriteAsync(TrackingDbContext context, long runKey, IReadOnlyList<Metric> metrics, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (metrics.Count == 0)
        {
            return;
        }

        var connection = context.Database.GetDbConnection();
        var transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        for (var start = 0; start < metrics.Count; start += RowsPerStatement)
        {
            var rows = Math.Min(RowsPerStatement, metrics.Count - start);
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = rows == RowsPerStatement ? FullHistoryInsert : HistoryInsert(rows);
            Bind(command, runKey, metrics, start, rows, now);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        // A row may be touched once by a statement, so the newest of each key is found here first.
        var latest = new Dictionary<string, Metric>(StringComparer.Ordinal);
        foreach (var metric in metrics)
        {
            if (!latest.TryGetValue(metric.Key, out var known) || IsNewer(metric, known, now))
            {
                latest[metric.Key] = metric;
            }
        }

        var newest = latest.Values.ToList();
        for (var start = 0; start < newest.Count; start += RowsPerStatement)
        {
            var rows = Math.Min(RowsPerStatement, newest.Count - start);
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = LatestUpsert(rows);
            Bind(command, runKey, newest, start, rows, now);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static bool IsNewer(Metric metric, Metric known, DateTimeOffset now) =>
        metric.Step > known.Step || (metric.Step == known.Step && TimeOf(metric, now) >= TimeOf(known, now));

    private static DateTimeOffset TimeOf(Metric metric, DateTimeOffset now) => metric.Time?.ToDateTimeOffset() ?? now;

    private static string HistoryInsert(int rows) =>
        $"INSERT INTO metric_history (run_key, key, step, time, value) VALUES {Places(rows)}";

    private static string LatestUpsert(int rows) =>
        $"""
        INSERT INTO latest_metrics (run_key, key, step, time, value) VALUES {Places(rows)}
        ON CONFLICT (run_key, key) DO UPDATE SET step = excluded.step, time = excluded.time, value = excluded.value
        WHERE excluded.step > latest_metrics.step OR (excluded.step = latest_metrics.step AND excluded.time >= latest_metrics.time)
        """;

    private static string Places(int rows)
    {
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(row == 0 ? "" : ",")}(@r,@k{row},@s{row},@t{row},@v{row})");
        }

        return text.ToString();
    }

    private static void Bind(DbCommand command, long runKey, IReadOnlyList<Metric> metrics, int start, int rows, DateTimeOffset now)
    {
        Add(command, "@r", runKey);
        for (var row = 0; row < rows; row++)
        {
            var metric = metrics[start + row];
            Add(command, $"@k{row}", metric.Key);
            Add(command, $"@s{row}", metric.Step);
            Add(command, $"@t{row}", TimeOf(metric, now).UtcTicks);
            Add(command, $"@v{row}", double.IsNaN(metric.Value) ? DBNull.Value : metric.Value);
        }
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        if (value is DBNull)
        {
            parameter.DbType = System.Data.DbType.Double;
        }

        command.Parameters.Add(parameter);
    }
}
