namespace MLOpsLearn.Cli.Trips;

/// <summary>
/// The one text that turns monthly files into trips, given to the pipeline and used by the replay alike, so that both see the same rows. It
/// takes the three forms of the city's files: numbers of any width, and moments as timestamps or as text.
/// </summary>
internal static class TripSql
{
    /// <summary>Columns that a file must have.</summary>
    public static readonly string[] RequiredColumns = ["lpep_pickup_datetime", "lpep_dropoff_datetime", "PULocationID", "DOLocationID", "trip_distance"];

    /// <summary>A SELECT over the view "input": trips of 1 to 60 minutes that began in the file's own month, in order of time.</summary>
    public const string Prepare = """
        WITH trips AS (
          SELECT
            TRY_CAST(lpep_pickup_datetime AS TIMESTAMP) AS pickup,
            TRY_CAST(lpep_dropoff_datetime AS TIMESTAMP) AS dropoff,
            TRY_CAST(PULocationID AS BIGINT) AS PULocationID,
            TRY_CAST(DOLocationID AS BIGINT) AS DOLocationID,
            TRY_CAST(trip_distance AS DOUBLE) AS trip_distance
          FROM input
        ), own_month AS (
          SELECT mode(date_trunc('month', pickup)) AS month FROM trips
        )
        SELECT
          pickup AS event_time,
          CAST(PULocationID AS VARCHAR) AS PULocationID,
          CAST(DOLocationID AS VARCHAR) AS DOLocationID,
          CASE WHEN isfinite(trip_distance) THEN trip_distance END AS trip_distance,
          CAST(hour(pickup) AS VARCHAR) AS hour,
          CAST(isodow(pickup) - 1 AS VARCHAR) AS weekday,
          epoch(dropoff - pickup) / 60.0 AS duration
        FROM trips, own_month
        WHERE date_trunc('month', pickup) = own_month.month AND epoch(dropoff - pickup) BETWEEN 60 AND 3600
          AND PULocationID IS NOT NULL AND DOLocationID IS NOT NULL
        ORDER BY pickup, dropoff, PULocationID, DOLocationID, trip_distance
        """;

    /// <summary>How many rows the file has, and how many of them began in another month than most (or at no readable moment).</summary>
    public const string Counts = """
        WITH months AS (
          SELECT date_trunc('month', TRY_CAST(lpep_pickup_datetime AS TIMESTAMP)) AS month FROM input
        )
        SELECT count(*), count(*) FILTER (WHERE month IS DISTINCT FROM (SELECT mode(month) FROM months)) FROM months
        """;
}
