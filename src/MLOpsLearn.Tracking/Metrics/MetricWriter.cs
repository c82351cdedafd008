using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Appends metric values and keeps the latest beside them. Plain prepared SQL that both databases understand, since this is the hot path.
/// A point that is there already is left alone.
/// </summary>
internal static class MetricWriter
{
    // SQLite looks each parameter up by a walk over all of them: 453,000 points/s with one row a statement, 119,000 with 100.
    // PostgreSQL pays a round trip for each statement instead.
    private const int RowsPerStatementWithoutNetwork = 1;
    private const int RowsPerStatement = 200;

    private const string PointsHead = "INSERT INTO metric_points (run_key, key_id, step, time_ms, value, is_nan) VALUES ";
    private const string PointsTail = " ON CONFLICT DO NOTHING";
    private const string LatestHead = "INSERT INTO latest_metrics (run_key, key_id, step, time_ms, value, is_nan) VALUES ";
    private const string LatestTail =
        """
         ON CONFLICT (run_key, key_id) DO UPDATE
        SET step = excluded.step, time_ms = excluded.time_ms, value = excluded.value, is_nan = excluded.is_nan
        WHERE (excluded.step, excluded.time_ms, excluded.value) >= (latest_metrics.step, latest_metrics.time_ms, latest_metrics.value)
        """;

    /// <summary>Writes inside the context's transaction. <paramref name="numbers"/> has every key of <paramref name="values"/>.</summary>
    public static async Task WriteAsync(
        TrackingDbContext context,
        long runKey,
        IReadOnlyList<LoggedValue> values,
        IReadOnlyDictionary<string, long> numbers,
        CancellationToken cancellationToken)
    {
        if (values.Count == 0)
        {
            return;
        }

        var rows = new Row[values.Count];
        var latest = new Dictionary<long, LoggedValue>();
        for (var i = 0; i < rows.Length; i++)
        {
            var value = values[i];
            rows[i] = new Row(numbers[value.Key], value);
            // A statement may touch a row only once, so the last of each key is found here first.
            if (!latest.TryGetValue(rows[i].KeyId, out var known) || value.CompareTo(known) >= 0)
            {
                latest[rows[i].KeyId] = value;
            }
        }

        // In the order of the key: the tree grows at one place, and two writers never wait for each other crosswise.
        Array.Sort(rows);
        await ExecuteAsync(context, PointsHead, PointsTail, runKey, rows, cancellationToken);
        var newest = latest.Select(pair => new Row(pair.Key, pair.Value)).Order().ToArray();
        await ExecuteAsync(context, LatestHead, LatestTail, runKey, newest, cancellationToken);
    }

    private static async Task ExecuteAsync(
        TrackingDbContext context, string head, string tail, long runKey, Row[] rows, CancellationToken cancellationToken)
    {
        var size = context.Database.IsSqlite() ? RowsPerStatementWithoutNetwork : RowsPerStatement;
        var whole = rows.Length / size * size;
        await ExecuteAsync(context, head, tail, runKey, rows.AsMemory(0, whole), size, cancellationToken);
        await ExecuteAsync(context, head, tail, runKey, rows.AsMemory(whole), rows.Length - whole, cancellationToken);
    }

    private static async Task ExecuteAsync(
        TrackingDbContext context, string head, string tail, long runKey, ReadOnlyMemory<Row> rows, int size, CancellationToken cancellationToken)
    {
        if (rows.IsEmpty)
        {
            return;
        }

        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = Statement(head, tail, size);
        var run = command.CreateParameter();
        (run.ParameterName, run.Value) = ("@r", runKey);
        command.Parameters.Add(run);
        var parameters = new DbParameter[size * 5];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = command.CreateParameter();
            parameters[i].ParameterName = string.Create(CultureInfo.InvariantCulture, $"@p{i}");
            command.Parameters.Add(parameters[i]);
        }

        for (var start = 0; start < rows.Length; start += size)
        {
            for (var i = 0; i < size; i++)
            {
                var row = rows.Span[start + i];
                var first = i * 5;
                parameters[first].Value = row.KeyId;
                parameters[first + 1].Value = row.Logged.Step;
                parameters[first + 2].Value = row.Logged.TimeMs;
                parameters[first + 3].Value = row.Logged.StoredValue;
                parameters[first + 4].Value = double.IsNaN(row.Logged.Value);
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static string Statement(string head, string tail, int rows)
    {
        var text = new StringBuilder(head);
        for (var row = 0; row < rows; row++)
        {
            var first = row * 5;
            text.Append(
                CultureInfo.InvariantCulture,
                $"{(row == 0 ? "" : ",")}(@r,@p{first},@p{first + 1},@p{first + 2},@p{first + 3},@p{first + 4})");
        }

        return text.Append(tail).ToString();
    }

    private readonly record struct Row(long KeyId, LoggedValue Logged) : IComparable<Row>
    {
        public int CompareTo(Row other)
        {
            var order = KeyId.CompareTo(other.KeyId);
            return order != 0 ? order : Logged.CompareTo(other.Logged);
        }
    }
}
