using System.Globalization;
using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Trips;

/// <summary>
/// Writes made-up months in the schema and with the quirks of the city's files: clocks that were reset, rides without distance, absurd
/// distances, rides far too long. Equal settings give equal files.
/// </summary>
/// <param name="seed">Seed of everything.</param>
/// <param name="firstChanged">First month, counted from 0, that has changed; null for a city that never changes.</param>
internal sealed class TripGenerator(int seed, int? firstChanged)
{
    /// <summary>Months that the demo makes: one to train on, the others to replay.</summary>
    public const int Months = 8;

    /// <summary>The month, counted from 0, from which on the demo's city is another.</summary>
    public const int DefaultFirstChanged = 4;

    private const int RidesPerMonth = 15_000;
    private static readonly DateOnly FirstMonth = new(2024, 1, 1);

    public void Write(string folder, int months, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var city = new CityModel(seed);
        for (var i = 0; i < months; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var month = FirstMonth.AddMonths(i);
            WriteMonth(
                Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"green_tripdata_{month:yyyy-MM}.parquet")),
                Rides(city, month, new Random(HashCode(seed, i)), i >= firstChanged));
        }
    }

    private static int HashCode(int seed, int month) => unchecked((seed * 397) ^ (month * 7919));

    private static List<Ride> Rides(CityModel city, DateOnly month, Random random, bool isChanged)
    {
        var days = DateTime.DaysInMonth(month.Year, month.Month);
        var count = RidesPerMonth + random.Next(-300, 300);
        var rides = new List<Ride>(count);
        for (var i = 0; i < count; i++)
        {
            var day = month.AddDays(random.Next(days));
            var (from, to, miles, second, minutes) = city.Ride(random, day.DayOfYear, day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday, isChanged);
            var pickup = day.ToDateTime(TimeOnly.MinValue).AddSeconds(second);
            var quirk = random.Next(10_000);
            if (quirk < 3)
            {
                pickup = new DateTime(2009, 1, 1).AddSeconds(random.Next(3600));
            }

            miles = quirk switch
            {
                < 310 => 0,
                < 320 => 20_000 + random.Next(200_000),
                _ => miles,
            };
            minutes = quirk is >= 400 and < 450 ? 60 + (random.NextDouble() * 1380) : minutes;
            rides.Add(new Ride(pickup, pickup.AddSeconds(Math.Round(minutes * 60)), from, to, miles));
        }

        rides.Sort((a, b) => a.Pickup.CompareTo(b.Pickup) is var order && order != 0 ? order : a.Dropoff.CompareTo(b.Dropoff));
        return rides;
    }

    private static void WriteMonth(string path, List<Ride> rides)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "SET threads=1");
        Execute(connection, "CREATE TABLE rides (pickup TIMESTAMP, dropoff TIMESTAMP, pu BIGINT, \"do\" BIGINT, miles DOUBLE)");
        using (var appender = connection.CreateAppender("rides"))
        {
            foreach (var ride in rides)
            {
                appender.CreateRow().AppendValue(ride.Pickup).AppendValue(ride.Dropoff).AppendValue((long)ride.From).AppendValue((long)ride.To).AppendValue(ride.Miles).EndRow();
            }
        }

        Execute(connection, $"""
            COPY (
              SELECT CAST(2 AS BIGINT) AS "VendorID", pickup AS lpep_pickup_datetime, dropoff AS lpep_dropoff_datetime, 'N' AS store_and_fwd_flag, 1.0::DOUBLE AS "RatecodeID",
                pu AS "PULocationID", "do" AS "DOLocationID", 1.0::DOUBLE AS passenger_count, miles AS trip_distance, round(3 + 2.5 * least(miles, 50), 2) AS fare_amount,
                0.5::DOUBLE AS extra, 0.5::DOUBLE AS mta_tax, 0.0::DOUBLE AS tip_amount, 0.0::DOUBLE AS tolls_amount, CAST(NULL AS INTEGER) AS ehail_fee,
                0.3::DOUBLE AS improvement_surcharge, round(4.3 + 2.5 * least(miles, 50), 2) AS total_amount, 1.0::DOUBLE AS payment_type, 1.0::DOUBLE AS trip_type,
                0.0::DOUBLE AS congestion_surcharge
              FROM rides)
            TO '{path.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet)
            """);
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private readonly record struct Ride(DateTime Pickup, DateTime Dropoff, int From, int To, double Miles);
}
