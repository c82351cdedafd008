namespace MLOpsLearn.Cli.Trips;

/// <summary>
/// A made-up city: zones with a place and a popularity, and how long a ride takes. From the changed months on, people ride to and from other
/// zones, over shorter ways, and the inner city is slower while the rest is faster: inputs and their relation to the duration both move.
/// </summary>
internal sealed class CityModel
{
    private const int Zones = 80;
    private const int InnerZones = 25;

    /// <summary>Rides by hour of the day, relative.</summary>
    private static readonly double[] ByHour =
        [1.4, 0.9, 0.6, 0.4, 0.4, 0.7, 1.6, 3.0, 4.2, 3.8, 3.3, 3.3, 3.6, 3.7, 4.0, 4.5, 4.9, 5.4, 5.6, 4.8, 3.9, 3.2, 2.6, 2.0];

    private readonly (double X, double Y)[] _places = new (double, double)[Zones];
    private readonly double[] _popularity = new double[Zones];
    private readonly double[] _changedPopularity = new double[Zones];

    public CityModel(int seed)
    {
        var random = new Random(seed);
        for (var zone = 0; zone < Zones; zone++)
        {
            var radius = zone < InnerZones ? random.NextDouble() * 2.5 : 2.5 + (random.NextDouble() * 6);
            var angle = random.NextDouble() * Math.Tau;
            _places[zone] = (radius * Math.Cos(angle), radius * Math.Sin(angle));
            _popularity[zone] = 1.0 / (1 + (zone % InnerZones * 0.6)) * (zone < InnerZones ? 3 : 1);
            // Later the outer zones grow, and a few of them most.
            _changedPopularity[zone] = _popularity[zone] * (zone < InnerZones ? 0.75 : zone % 7 == 0 ? 5 : 1.5);
        }
    }

    /// <summary>One ride.</summary>
    public (int From, int To, double Miles, int SecondOfDay, double Minutes) Ride(Random random, int dayOfYear, bool isWeekend, bool isChanged)
    {
        var weights = isChanged ? _changedPopularity : _popularity;
        var from = Draw(random, weights);
        var to = Draw(random, weights);
        var hour = Draw(random, ByHour);
        var (dx, dy) = (_places[from].X - _places[to].X, _places[from].Y - _places[to].Y);
        var detour = (isChanged ? 1.12 : 1.3) * (1 + (0.1 * random.NextDouble()));
        var miles = Math.Round(0.4 + (Math.Sqrt((dx * dx) + (dy * dy)) * detour), 2);
        var minutes = 1.5 + (60 * miles / Speed(from, to, hour, isWeekend, dayOfYear, isChanged));
        // Traffic lights and drivers: some 15 percent up or down, now and then much more.
        minutes *= Math.Exp(0.15 * Normal(random)) * (random.NextDouble() < 0.02 ? 1.8 : 1);
        return (from + 1, to + 1, miles, (hour * 3600) + random.Next(3600), minutes);
    }

    private static double Speed(int from, int to, int hour, bool isWeekend, int dayOfYear, bool isChanged)
    {
        var inner = (from < InnerZones ? 0.5 : 0) + (to < InnerZones ? 0.5 : 0);
        var rush = isWeekend ? 0.25 : hour is (>= 7 and <= 9) or (>= 16 and <= 18) ? 1 : hour is >= 10 and <= 19 ? 0.6 : 0;
        var free = isChanged ? 21.0 : 19.0;
        var slow = isChanged ? 0.62 : 0.42;
        // Winter is a little slower than summer.
        var season = 1 + (0.02 * Math.Cos((dayOfYear - 200) / 365.0 * Math.Tau));
        return free * season * (1 - (slow * inner * (0.4 + (0.6 * rush))) - (0.12 * rush));
    }

    private static int Draw(Random random, double[] weights)
    {
        var left = random.NextDouble() * weights.Sum();
        for (var i = 0; i < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
