using System.CommandLine;
using MLOpsLearn.Cli.Demo;
using MLOpsLearn.Cli.Trips;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops demo</c>: the whole loop, on generated or on real trips.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "Folder of real monthly files, green_tripdata_YYYY-MM.parquet. Default: generated trips.", HelpName = "DIR" };
        var from = new Option<string?>("--from") { Description = "First month: the one to train on.", HelpName = "YYYY-MM" };
        var to = new Option<string?>("--to") { Description = "Last month.", HelpName = "YYYY-MM" };
        var server = new Option<string?>("--server") { Description = "A server that runs already. Default: one is started for the demo.", HelpName = "URL" };
        var grpc = new Option<string?>("--grpc") { Description = "Its gRPC address. Default: the same host and the next port.", HelpName = "URL" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON; progress goes to standard error." };
        var report = new Option<string?>("--report") { Description = "Where the HTML report goes.", HelpName = "FILE.html" };
        var seed = new Option<int>("--seed") { Description = "Seed of generated trips and of training.", DefaultValueFactory = _ => 42 };
        var state = new Option<string?>("--state") { Description = "Folder of the demo's server. Default: a fresh temporary one.", HelpName = "DIR" };
        var keep = new Option<bool>("--keep") { Description = "Leave the server running afterwards." };
        var noChange = new Option<bool>("--no-change") { Description = "Generated trips: the city never changes, so nothing decays and the loop has no reason to close." };
        var command = new Verb(
            "demo",
            "Trains a model of trip duration, serves it, replays months of trips through it, and shows how the loop closes: an alert, a retraining, a better version in service.",
            "mlops demo",
            "mlops demo --data ./green-taxi --from 2021-01 --report loop.html",
            "mlops demo --json > result.json",
            "mlops demo --server http://127.0.0.1:5080") { data, from, to, server, grpc, json, report, seed, state, keep, noChange };
        command.SetAction((parsed, cancellationToken) => DemoSession.RunAsync(
            new DemoSettings
            {
                Data = parsed.GetValue(data),
                From = TripFiles.ParseMonth("--from", parsed.GetValue(from)),
                To = TripFiles.ParseMonth("--to", parsed.GetValue(to)),
                Server = parsed.GetValue(server),
                Grpc = parsed.GetValue(grpc),
                Json = parsed.GetValue(json),
                Report = parsed.GetValue(report),
                Seed = parsed.GetValue(seed),
                State = parsed.GetValue(state),
                Keep = parsed.GetValue(keep),
                NoChange = parsed.GetValue(noChange),
            },
            cancellationToken));
        return command;
    }
}
