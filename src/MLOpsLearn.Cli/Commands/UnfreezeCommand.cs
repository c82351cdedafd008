using System.CommandLine;
using System.Globalization;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops unfreeze</c>: lifts a freeze and says what it held back.</summary>
internal static class UnfreezeCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("MODEL") { Description = "Model; the freeze of all models when absent.", Arity = ArgumentArity.ZeroOrOne };
        var why = new Option<string?>("--why") { Description = "Why." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb("unfreeze", "Lifts a freeze, and says what would have happened meanwhile.", "mlops unfreeze trip-duration") { model, why, json };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var state = await client.Registry.UnfreezeAsync(
                new UnfreezeRequest { RequestId = MLOpsLearnClient.NewRequestId(), Model = parsed.GetValue(model) ?? "", Why = parsed.GetValue(why) ?? "" },
                cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(state);
                return ExitCodes.Done;
            }

            Console.WriteLine($"{(state.Model.Length == 0 ? "The freeze of all models" : "The freeze of " + state.Model)} is lifted. Held back: {state.HeldBack.Count}.");
            foreach (var action in state.HeldBack)
            {
                Console.WriteLine($"  {action.Time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} {action.Description}");
            }

            return ExitCodes.Done;
        });
        return command;
    }
}
