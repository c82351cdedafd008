using System.CommandLine;
using MLOpsLearn.Contracts.Monitoring.V1;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops alerts list</c>: what fired, and how it ended.</summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Command("list", "Lists the newest alerts.\n\nExample:\n  mlops alerts list") { json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var page = await client.Monitoring.ListAlertsAsync(new ListAlertsRequest { PageSize = 50 }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(page.Alerts);
                return ExitCodes.Done;
            }

            var table = Output.Table("Endpoint", "Monitor", "State", "What happened");
            foreach (var alert in page.Alerts)
            {
                table.Row(alert.Endpoint, alert.Monitor, alert.State.ToString(), string.Join('\n', alert.Transitions.Select(transition => $"{transition.Event}: {transition.Reason}")));
            }

            AnsiConsole.Write(table);
            return ExitCodes.Done;
        });
        return new Command("alerts", "Alerts of the monitors.") { list };
    }
}
