using System.Text.Json.Nodes;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Alerts;

namespace MLOpsLearn.Cli.GoldenCases;

internal static class AlertAnswers
{
    public static JsonObject Answer(JsonObject @case)
    {
        var settings = @case["config"]!;
        var config = new AlertMonitorConfig
        {
            Direction = settings["direction"]!.GetValue<string>() == "below" ? AlertDirection.Below : AlertDirection.Above,
            Raise = settings["raise"]!.GetValue<double>(),
            Clear = settings["clear"]!.GetValue<double>(),
            For = settings["for"]!.GetValue<int>(),
            ClearFor = settings["clear_for"]!.GetValue<int>(),
            NoDataAfter = settings["no_data_after"]!.GetValue<int>(),
            RenotifyEvery = settings["renotify_every"]!.GetValue<int>(),
            Cooldown = settings["cooldown"]!.GetValue<int>(),
        };
        var (events, states) = (new JsonArray(), new JsonArray());
        var state = AlertMonitorState.Initial;
        var index = 0;
        foreach (var value in @case["current"]!.AsArray())
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
