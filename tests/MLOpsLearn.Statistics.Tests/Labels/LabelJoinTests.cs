using CsCheck;
using MLOpsLearn.Statistics.Labels;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Labels;

public sealed class LabelJoinTests
{
    private static readonly LabelJoinSettings Rules = new(Horizon: 20, EarlyTtl: 6, new HashSet<string> { "yes", "no" }, 0.3, 3);

    private static readonly Gen<(Prediction[] Predictions, Label[] Labels, long AsOf)> Logs = Gen.Select(
        Gen.Select(Gen.Int[0, 6], Gen.Long[0, 30], Gen.Long[0, 8], Gen.Bool).Select((id, t, delay, yes) =>
            new Prediction($"p{id}", t, t + delay, yes ? "yes" : "no")).Array[0, 12],
        Gen.Select(Gen.Int[0, 7], Gen.Long[0, 60], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 5]).Select((id, arrived, value, version, op) =>
            new Label($"p{id}", value == 0 ? "maybe" : value % 2 == 0 ? "yes" : "no", arrived, version == 0 ? null : version, op == 0)).Array[0, 25],
        Gen.Long[0, 80]);

    [Fact]
    public void Join_equals_its_definition() => Logs.Sample(
        (predictions, labels, asOf) =>
        {
            var (expected, winners) = Replay(predictions, labels, asOf);
            var join = new LabelJoin(predictions, labels, Rules, asOf);
            var window = join.Window(0, 15);
            Prediction[] inside = [.. Known(predictions, asOf).Values.Where(p => p.Time is >= 0 and < 15)];
            Prediction[] joined = [.. inside.Where(p => winners.GetValueOrDefault(p.Id) is not null)];
            var coverage = inside.Length == 0 ? 0 : (double)joined.Length / inside.Length;
            var status = joined.Length >= 1 && (asOf >= 15 + 20 || joined.Length == inside.Length) ? JoinStatus.Final
                : coverage >= 0.3 && joined.Length >= 3 ? JoinStatus.Provisional : JoinStatus.Undefined;
            return join.Counters == expected && window.Predictions == inside.Length && window.Status == status
                && window.LabelsNeeded == inside.Length - joined.Length
                && window.Rows.Select(row => (row.Prediction.Id, row.Label)).ToHashSet().SetEquals(joined.Select(p => (p.Id, winners[p.Id]!)));
        },
        iter: 3000);

    [Fact]
    public void Order_of_the_prediction_log_among_different_ids_does_not_matter() => Logs.Sample((predictions, labels, asOf) =>
    {
        // Only the first of equal ids is kept, so ids keep their own order.
        Prediction[] other = [.. predictions.OrderBy(p => p.Id, StringComparer.Ordinal)];
        return new LabelJoin(predictions, labels, Rules, asOf).Window(0, 40).HasSameRows(new LabelJoin(other, labels, Rules, asOf).Window(0, 40));
    });

    [Fact]
    public void Coverage_that_depends_on_the_score_is_marked_and_can_be_weighted()
    {
        // High scores are labelled always and right; low ones in one of five cases and wrong.
        Prediction[] predictions = [.. Enumerable.Range(0, 1000).Select(i => new Prediction($"p{i}", i, i, "yes", Score: i / 1000.0, Segment: i % 2 == 0 ? "even" : null))];
        Label[] labels = [.. Enumerable.Range(0, 1000).Where(i => i >= 500 || i % 5 == 0).Select(i => new Label($"p{i}", i >= 500 ? "yes" : "no", i + 3))];
        var join = new LabelJoin(predictions, labels, Rules with { Horizon = 10_000 }, 5000);
        var window = join.Window(0, 1000);
        Assert.Equal(10, window.CoverageByScoreDecile.Count);
        Assert.True(window.HasBiasedCoverage);
        Assert.Equal(500 / 600.0, window.Accuracy!.Value, 12);
        Assert.Equal(0.5, window.WeightedAccuracy!.Value, 12);
        Assert.Equal((3, 3, 0, 400), (window.Delays.Quantile(0.5), window.Delays.Quantile(0.99), window.Delays.Corrected, window.Delays.Open));
        Assert.Equal(("even", 500), join.Segments(0, 1000, p => p.Segment).Select(s => (s.Segment, s.Window.Predictions)).Single());
        Assert.False(join.Window(500, 1000).HasBiasedCoverage);
    }

    private static Dictionary<string, Prediction> Known(Prediction[] predictions, long asOf)
    {
        var known = new Dictionary<string, Prediction>(StringComparer.Ordinal);
        foreach (var p in predictions.Where(p => p.Arrived <= asOf).OrderBy(p => p.Arrived))
        {
            known.TryAdd(p.Id, p);
        }

        return known;
    }

    private static (LabelCounters Counters, Dictionary<string, string?> Winners) Replay(Prediction[] predictions, Label[] labels, long asOf)
    {
        var (known, order, values) = (Known(predictions, asOf), new Dictionary<string, (long, long, int)>(), new Dictionary<string, string?>());
        Label[] log = [.. labels.Where(l => l.Arrived <= asOf).OrderBy(l => l.Arrived)];
        string[] outcomes = [.. log.Select((label, position) => Outcome(label, position))];
        long Number(string outcome) => outcomes.Count(o => o == outcome);
        var rest = predictions.Where(p => p.Arrived <= asOf && !ReferenceEquals(known[p.Id], p)).ToArray();
        return (
            new()
            {
                DuplicatePrediction = rest.Count(p => (p.Time, p.Value) == (known[p.Id].Time, known[p.Id].Value)),
                ConflictingPrediction = rest.Count(p => (p.Time, p.Value) != (known[p.Id].Time, known[p.Id].Value)),
                Waiting = Number("waiting"),
                Orphan = Number("orphan"),
                TooLate = Number("too_late"),
                DuplicateLabel = Number("duplicate"),
                Correction = Number("correction"),
                StaleLabel = Number("stale"),
                Retracted = Number("retracted"),
                InvalidLabel = Number("invalid"),
            },
            values);

        // Invalid, prediction known, early time to live, horizon, then (version, arrival, position) against the winner.
        string Outcome(Label label, int position)
        {
            if (!label.IsRetraction && label.Value is not ("yes" or "no"))
            {
                return "invalid";
            }

            if (!known.TryGetValue(label.Id, out var prediction))
            {
                return asOf - label.Arrived <= 6 ? "waiting" : "orphan";
            }

            if (prediction.Arrived - label.Arrived > 6)
            {
                return "orphan";
            }

            if (label.Arrived - prediction.Time > 20)
            {
                return "too_late";
            }

            (long, long, int) rank = (label.Version ?? 0, label.Arrived, position);
            var value = label.IsRetraction ? null : label.Value;
            if (!order.TryGetValue(label.Id, out var best))
            {
                if (value is null)
                {
                    return "stale";
                }

                (order[label.Id], values[label.Id]) = (rank, value);
                return "joined";
            }

            if (rank.CompareTo(best) < 0)
            {
                return "stale";
            }

            if (values[label.Id] == value)
            {
                return "duplicate";
            }

            (order[label.Id], values[label.Id]) = (rank, value);
            return value is null ? "retracted" : "correction";
        }
    }
}
