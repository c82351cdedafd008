using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Trips;

/// <summary>Reads monthly files with DuckDB, which may open just the file at hand.</summary>
internal static class TripReader
{
    private static readonly string[] NumberTypes = ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "DOUBLE"];
    private static readonly string[] MomentTypes = ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "VARCHAR"];

    /// <exception cref="CommandException">The file is no readable parquet, lacks a column, has one of a wrong type, or has no valid trip.</exception>
    public static TripMonth Read(TripFile file)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        try
        {
            Open(connection, file.Path);
            CheckColumns(connection, file);
            var month = ReadRows(connection, file, ReadCounts(connection));
            if (month.Rows == 0)
            {
                CheckMoments(connection, file);
                throw new CommandException($"'{file.Path}' has no trip of 1 to 60 minutes in its month. Leave the file out, or download it again.");
            }

            var first = DateTimeOffset.FromUnixTimeMilliseconds(month.EventTimesMs[0]);
            return (first.Year, first.Month) == (file.Month.Year, file.Month.Month)
                ? month
                : throw new CommandException($"'{file.Path}' holds trips of {first:yyyy-MM}, not of {file.Name}. Rename or replace it.");
        }
        catch (DuckDBException exception)
        {
            throw new CommandException($"'{file.Path}' can't be read: {FirstLine(exception.Message)} Download it again, or leave it out with --from and --to.");
        }
    }

    private static void Open(DuckDBConnection connection, string path)
    {
        var quoted = path.Replace("'", "''", StringComparison.Ordinal);
        Execute(connection, $"SET allowed_paths=['{quoted}']");
        Execute(connection, "SET enable_external_access=false");
        Execute(connection, "SET lock_configuration=true");
        Execute(connection, $"CREATE VIEW input AS SELECT * FROM read_parquet('{quoted}')");
    }

    private static void CheckColumns(DuckDBConnection connection, TripFile file)
    {
        var types = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "DESCRIBE input";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                types[reader.GetString(0)] = reader.GetString(1);
            }
        }

        foreach (var name in TripSql.RequiredColumns)
        {
            if (!types.TryGetValue(name, out var type))
            {
                throw new CommandException($"'{file.Path}' has no column '{name}'. It must be a file of green-taxi trips.");
            }

            var isMoment = name.EndsWith("datetime", StringComparison.Ordinal);
            if (!(isMoment ? MomentTypes : NumberTypes).Contains(type) && (isMoment || !type.StartsWith("DECIMAL", StringComparison.Ordinal)))
            {
                throw new CommandException($"'{file.Path}': the column '{name}' is {type}; it must be {(isMoment ? "a timestamp" : "a number")}.");
            }
        }
    }

    /// <summary>Says why nothing is left when the moments are texts of another kind.</summary>
    private static void CheckMoments(DuckDBConnection connection, TripFile file)
    {
        foreach (var name in TripSql.RequiredColumns.Where(column => column.EndsWith("datetime", StringComparison.Ordinal)))
        {
            var unreadable = $"SELECT CAST({name} AS VARCHAR) FROM input WHERE {name} IS NOT NULL AND TRY_CAST({name} AS TIMESTAMP) IS NULL LIMIT 1";
            if (Scalar(connection, unreadable) is string text)
            {
                throw new CommandException($"'{file.Path}': the column '{name}' holds no timestamps but texts such as '{text}'. It must be a file of green-taxi trips.");
            }
        }
    }

    private static (long Rows, long OutsideMonth) ReadCounts(DuckDBConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = TripSql.Counts;
        using var reader = command.ExecuteReader();
        reader.Read();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static TripMonth ReadRows(DuckDBConnection connection, TripFile file, (long Rows, long OutsideMonth) counts)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT epoch_ms(event_time), CAST(PULocationID AS BIGINT), CAST(DOLocationID AS BIGINT), trip_distance, CAST(hour AS BIGINT), CAST(weekday AS BIGINT), duration
            FROM ({TripSql.Prepare})
            """;
        using var reader = command.ExecuteReader();
        var (times, from, to, hours, weekdays) = (new List<long>(), new List<long>(), new List<long>(), new List<long>(), new List<long>());
        var (distances, durations) = (new List<double>(), new List<double>());
        while (reader.Read())
        {
            times.Add(reader.GetInt64(0));
            from.Add(reader.GetInt64(1));
            to.Add(reader.GetInt64(2));
            distances.Add(reader.IsDBNull(3) ? double.NaN : reader.GetDouble(3));
            hours.Add(reader.GetInt64(4));
            weekdays.Add(reader.GetInt64(5));
            durations.Add(reader.GetDouble(6));
        }

        return new TripMonth(file.Month, counts.Rows, counts.OutsideMonth, [.. times], [.. from], [.. to], [.. distances], [.. hours], [.. weekdays], [.. durations]);
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.') + ".";
}
