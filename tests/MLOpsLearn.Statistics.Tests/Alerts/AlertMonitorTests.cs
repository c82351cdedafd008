using CsCheck;
using MLOpsLearn.Statistics.Alerts;

namespace MLOpsLearn.Statistics.Tests.Alerts;

public sealed class AlertMonitorTests
{
    private static readonly Gen<(AlertMonitorConfig Config, double?[] Values)> Runs = Gen.Select(
        Gen.Select(Gen.Bool, Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 2]),
        Gen.Int[-1, 6].Array[1, 60]).Select((s, values) => (
            new AlertMonitorConfig
            {
                Direction = s.Item1 ? AlertDirection.Above : AlertDirection.Below,
                Raise = 3,
                Clear = s.Item1 ? 3 - s.Item7 : 3 + s.Item7,
                For = s.Item2,
                ClearFor = s.Item3,
                NoDataAfter = s.Item4,
                RenotifyEvery = s.Item5,
                Cooldown = s.Item6,
            },
            values.Select(v => v < 0 ? default(double?) : v).ToArray()));

    [Fact]
    public void Monitor_equals_the_table() => Runs.Sample((config, values) =>
    {
        var state = AlertMonitorState.Initial;
        var table = new Table(config);
        for (var i = 0; i < values.Length; i++)
        {
            (state, var events) = state.Next(config, values[i], i);
            var expected = table.Step(values[i], i);
            if (!expected.SequenceEqual(events.Select(e => e.WireName())) || state.Phase.WireName() != table.State)
            {
                return false;
            }
        }

        return true;
    }, iter: 3000);

    [Fact]
    public void A_stored_state_goes_on_as_if_never_stored() => Runs.Sample((config, values) =>
    {
        var state = AlertMonitorState.Initial;
        for (var i = 0; i < values.Length; i++)
        {
            var copy = new AlertMonitorState
            {
                Phase = state.Phase,
                Breaches = state.Breaches,
                Clears = state.Clears,
                Undefined = state.Undefined,
                WasFiring = state.WasFiring,
                LastNotified = state.LastNotified,
                LastResolved = state.LastResolved,
            };
            var next = state.Next(config, values[i], i);
            if (copy.Next(config, values[i], i).State != next.State)
            {
                return false;
            }

            state = next.State;
        }

        return true;
    });

    [Fact]
    public void Retraining_follows_the_first_row_that_holds() => Gen.Select(Gen.Bool.Array[8], Gen.Int[0, 2].Array[8]).Sample((b, k) =>
    {
        var facts = new RetrainFacts
        {
            SchemaBreak = b[0] && b[1] && k[0] == 0,
            TypeViolationShare = k[1] == 0 && b[0] ? 0.02 : 0.01,
            MissingShareIncident = b[2] && k[2] == 0 && b[3],
            SinceLastRetrain = k[3] == 0 ? null : TimeSpan.FromHours(23 + k[3]),
            RetrainRunning = b[3] && k[4] == 0,
            AutomaticRetrainsThisWeek = k[5] + 1,
            RealisedMetricFiring = b[4],
            RealisedMetricFinalAndInside = !b[4] && b[1],
            JoinedLabels = 29 + k[6],
            ValidationLabels = 29 + k[7],
            EstimatedMetricFiring = b[5],
            DriftFiring = b[6],
            DriftedImportance = b[7] ? 0.3 : 0.29,
            ModelAge = TimeSpan.FromDays(k[0] * 30),
            NewLabelledRows = k[1] * 10,
            TrainingRows = 100,
        };
        (bool Holds, RetrainDecision Decision)[] rows =
        [
            (facts.SchemaBreak || facts.TypeViolationShare > 0.01 || facts.MissingShareIncident, RetrainDecision.Block),
            (facts.RetrainRunning || (facts.SinceLastRetrain is { } age && age < TimeSpan.FromHours(24)) || facts.AutomaticRetrainsThisWeek >= 3, RetrainDecision.Wait),
            (facts.RealisedMetricFiring && facts.JoinedLabels >= 30, RetrainDecision.Retrain),
            (facts.EstimatedMetricFiring && facts.DriftFiring && facts.DriftedImportance >= 0.3 && facts.ValidationLabels >= 30, RetrainDecision.Retrain),
            ((facts.EstimatedMetricFiring || facts.DriftFiring) && facts.ValidationLabels < 30, RetrainDecision.RequestLabels),
            (facts.DriftFiring && !facts.EstimatedMetricFiring && facts.RealisedMetricFinalAndInside, RetrainDecision.Watch),
            (facts.ModelAge > TimeSpan.FromDays(45) && facts.NewLabelledRows >= 20, RetrainDecision.Retrain),
            (true, RetrainDecision.Keep),
        ];
        var first = Array.FindIndex(rows, row => row.Holds);
        return new RetrainPolicy { MaxAge = TimeSpan.FromDays(45) }.Decide(facts) == (rows[first].Decision, first + 1);
    }, iter: 5000);

    // The rows of the table, one after the other, on plain variables.
    private sealed class Table(AlertMonitorConfig c)
    {
        private bool _wasFiring;
        private int _breaches;
        private int _clears;
        private int _undefined;
        private long _notified;
        private long _resolved = -1_000_000;

        public string State { get; private set; } = "ok";

        public List<string> Step(double? value, long index)
        {
            var events = new List<string>();
            if (value is not { } v)
            {
                if (++_undefined == c.NoDataAfter)
                {
                    _wasFiring = State == "firing";
                    State = "no_data";
                    events.Add("no_data");
                }

                return events;
            }

            _undefined = 0;
            if (State == "no_data")
            {
                events.Add("data_back");
                State = _wasFiring ? "firing" : "ok";
                _clears = 0;
                _breaches = _wasFiring ? _breaches : 0;
            }

            var above = c.Direction == AlertDirection.Above;
            bool breach = above ? v > c.Raise : v < c.Raise, clear = above ? v <= c.Clear : v >= c.Clear;
            if (State == "firing")
            {
                Firing(clear, index, events);
            }
            else if (breach)
            {
                _breaches++;
                if (_breaches >= c.For)
                {
                    State = "firing";
                    _clears = 0;
                    _notified = index;
                    events.Add(index - _resolved <= c.Cooldown ? "refired" : "firing");
                }
                else if (State == "ok")
                {
                    State = "pending";
                    events.Add("pending");
                }
            }
            else
            {
                if (State == "pending")
                {
                    events.Add("cancelled");
                }

                State = "ok";
                _breaches = 0;
            }

            return events;
        }

        private void Firing(bool clear, long index, List<string> events)
        {
            if (!clear)
            {
                _clears = 0;
                if (c.RenotifyEvery > 0 && index - _notified >= c.RenotifyEvery)
                {
                    _notified = index;
                    events.Add("renotify");
                }

                return;
            }

            if (++_clears >= c.ClearFor)
            {
                State = "ok";
                _breaches = _clears = 0;
                _resolved = index;
                events.Add("resolved");
            }
        }
    }
}
