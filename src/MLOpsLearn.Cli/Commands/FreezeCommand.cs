using System.CommandLine;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops freeze</c>: nothing happens by itself any more.</summary>
internal static class FreezeCommand
{
    public static Command Create()
    {
        var model = new Argument<string?>("MODEL") { Description = "Model; all models when absent.", Arity = ArgumentArity.ZeroOrOne };
        var why = new Option<string>("--why") { Description = "Why: shown to whoever wonders.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var command = new Verb(
            "freeze",
            "Holds back every automatic action, and records what would have happened.",
            "mlops freeze trip-duration --why \"public holiday\"",
            "mlops freeze --why \"incident 7\"") { model, why, json };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var state = await client.Registry.FreezeAsync(
                new FreezeRequest { RequestId = MLOpsLearnClient.NewRequestId(), Model = parsed.GetValue(model) ?? "", Why = parsed.GetValue(why)! },
                cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(state);
                return ExitCodes.Done;
            }

            Console.WriteLine($"{(state.Model.Length == 0 ? "All models are" : state.Model + " is")} frozen: {state.Why}. Lift it with: mlops unfreeze {state.Model}");
            return ExitCodes.Done;
        });
        return command;
    }
}
