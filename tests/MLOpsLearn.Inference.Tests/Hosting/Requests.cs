using MLOpsLearn.Contracts.Inference.V1;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>Requests that fit the usual model.</summary>
internal static class Requests
{
    public static PredictRequest Trips(int rows = 1, int first = 0, string id = "", string endpoint = "trips-live") => new()
    {
        Endpoint = endpoint,
        Id = id,
        Columns =
        {
            new InputColumn { Name = "distance", Doubles = new Doubles { Values = { Enumerable.Range(first, rows).Select(Distance) } } },
            new InputColumn { Name = "zone", Int64S = new Int64s { Values = { Enumerable.Range(first, rows).Select(Zone) } } },
        },
    };

    public static double Distance(int row) => row * 0.5;

    public static long Zone(int row) => row % 97;

    /// <summary>What a version answers for row <paramref name="row"/>.</summary>
    public static double Expected(int version, int row) => ModelFiles.Expected(version, Distance(row), Zone(row));
}
