using System.Runtime.InteropServices;
using CsCheck;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.Segments;

namespace MLOpsLearn.Monitoring.Tests.Labels;

/// <summary>The rule of the label join, held against its own text, word for word and slow.</summary>
public sealed class LabelJoinTests
{
    private const int Ids = 4;
    private const int RowsOfId = 3;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private sealed record Known(string Id, int[]? Rows, double[] Values, int Version, DateTimeOffset ObservedAt);

    private static Gen<Known> AnyLabels =>
        from id in Gen.Int[0, Ids]
        from count in Gen.Int[1, RowsOfId + 1]
        from named in Gen.Bool
        from rows in Gen.Int[0, RowsOfId].Array[count]
        from values in Gen.Double[-10, 10].Array[count]
        from version in Gen.Int[0, 2]
        from hours in Gen.Int[-48, 24 * 33]
        select new Known($"p{id}", named ? rows : null, values, version, Start.AddHours(hours));

    [Fact]
    public void The_winner_is_the_highest_version_then_the_latest_observed_then_the_latest_arrived() =>
        Gen.Select(AnyLabels.Array[0, 30], Gen.Int[-1, 24 * 35]).Sample((log, asOfHours) =>
        {
            var rows = Rows();
            var asOf = asOfHours < 0 ? (DateTimeOffset?)null : Start.AddHours(asOfHours);

            var joined = LabelJoin.Join(rows, log.Select(Store), asOf);

            Assert.Equal(Naive(rows, log, asOf), joined);
        });

    [Fact]
    public void A_label_that_comes_too_late_takes_nothing_from_an_earlier_one()
    {
        var rows = Rows();
        var inTime = new Known("p0", null, [1], 0, Start.AddDays(1));
        var tooLate = new Known("p0", null, [2], 5, Start.AddDays(32));

        Assert.Equal(1, LabelJoin.Join(rows, new[] { inTime, tooLate }.Select(Store), null)[0]);
    }

    [Fact]
    public void Thirty_days_are_in_time()
    {
        var known = new Known("p0", null, [7], 0, Start.AddDays(30));

        Assert.Equal(7, LabelJoin.Join(Rows(), new[] { known }.Select(Store), null)[0]);
        Assert.Equal(double.NaN, LabelJoin.Join(Rows(), new[] { known with { ObservedAt = Start.AddDays(30).AddMilliseconds(1) } }.Select(Store), null)[0]);
    }

    /// <summary>For each row every label that names it, in time and known by then; of those the greatest by version, observation, place.</summary>
    private static double[] Naive(RowSet rows, Known[] log, DateTimeOffset? asOf) =>
        [.. Enumerable.Range(0, rows.Count).Select(row => Last(rows, log, asOf, row, DateTimeOffset.FromUnixTimeMilliseconds(rows.EventTimesMs[row])))];

    private static double Last(RowSet rows, Known[] log, DateTimeOffset? asOf, int row, DateTimeOffset served)
    {
        var found = log
            .SelectMany((known, place) => known.Values.Select((value, i) => (known, place, i, value, number: known.Rows is null ? i : known.Rows[i])))
            .Where(label => label.known.Id == rows.PredictionIds[row] && label.number == rows.RowNumbers[row])
            .Where(label => label.known.ObservedAt - served <= TimeSpan.FromDays(30))
            .Where(label => asOf is null || label.known.ObservedAt <= asOf)
            .OrderBy(label => label.known.Version).ThenBy(label => label.known.ObservedAt).ThenBy(label => label.place).ThenBy(label => label.i)
            .ToList();
        return found.Count == 0 ? double.NaN : found[^1].value;
    }

    private static StoredLabels Store(Known known, int place)
    {
        var stored = new StoredLabels
        {
            Endpoint = "e",
            PredictionId = known.Id,
            ObservedAt = known.ObservedAt,
            Version = known.Version,
            Count = known.Values.Length,
            RowNumbers = known.Rows is null ? null : MemoryMarshal.AsBytes(known.Rows.AsSpan()).ToArray(),
            Values = MemoryMarshal.AsBytes(known.Values.AsSpan()).ToArray(),
        };
        typeof(StoredLabels).GetProperty(nameof(StoredLabels.Sequence))!.SetValue(stored, (long)place);
        return stored;
    }

    private static RowSet Rows()
    {
        var count = Ids * RowsOfId;
        return new RowSet(
            [.. Enumerable.Range(0, count).Select(row => $"p{row / RowsOfId}")],
            [.. Enumerable.Range(0, count).Select(row => row % RowsOfId)],
            [.. Enumerable.Range(0, count).Select(row => Start.AddHours(row / RowsOfId).ToUnixTimeMilliseconds())],
            new Dictionary<string, double[]>(),
            new Dictionary<string, (int[], IReadOnlyList<string>)>(),
            Enumerable.Repeat(1, count).ToArray(),
            new double[count],
            new Dictionary<int, double[]>());
    }
}
