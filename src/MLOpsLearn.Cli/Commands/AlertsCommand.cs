using System.CommandLine;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops alerts list</c>: what fired, and how it ended.</summary>
internal static class AlertsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var endpoint = new Option<string?>("--endpoint") { Description = "Only alerts of this endpoint." };
        var limit = Output.Limit();
        var server = new ServerOptions();
        var list = new Verb("list", "Lists the newest alerts and what became of them.", "mlops alerts list", "mlops alerts list --endpoint trip-duration --json") { endpoint, limit, json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var page = await client.Monitoring.ListAlertsAsync(new ListAlertsRequest { PageSize = parsed.GetValue(limit), Endpoint = parsed.GetValue(endpoint) ?? "" }, cancellationToken: cancellationToken);
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

            Output.Console.Write(table);
            return ExitCodes.Done;
        });
        return new Command("alerts", "Alerts of the monitors.") { list };
    }
}
