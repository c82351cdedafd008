using System.Text.Json.Nodes;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Alerts;

namespace MLOpsLearn.Cli.GoldenCases;

internal static class AlertAnswers
{
    public static JsonObject Answer(JsonObject @case)
    {
        var settings = @case.Field("config");
        var config = new AlertMonitorConfig
        {
            Direction = settings.Field("direction").GetValue<string>() == "below" ? AlertDirection.Below : AlertDirection.Above,
            Raise = settings.Field("raise").GetValue<double>(),
            Clear = settings.Field("clear").GetValue<double>(),
            For = settings.Field("for").GetValue<int>(),
            ClearFor = settings.Field("clear_for").GetValue<int>(),
            NoDataAfter = settings.Field("no_data_after").GetValue<int>(),
            RenotifyEvery = settings.Field("renotify_every").GetValue<int>(),
            Cooldown = settings.Field("cooldown").GetValue<int>(),
        };
        var (events, states) = (new JsonArray(), new JsonArray());
        var state = AlertMonitorState.Initial;
        var index = 0;
        foreach (var value in @case.Field("current").AsArray())
        {
            (state, var happened) = state.Next(config, value?.GetValue<double>(), index);
            foreach (var name in happened)
            {
                events.Add(new JsonArray(index, name.WireName()));
            }

            states.Add(state.Phase.WireName());
            index++;
        }

        return new() { ["events"] = events, ["states"] = states };
    }
}
