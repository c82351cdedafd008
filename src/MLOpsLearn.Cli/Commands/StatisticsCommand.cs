using System.CommandLine;
using System.Text.Json.Nodes;
using MLOpsLearn.Cli.GoldenCases;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops statistics</c>: answers cases in their own form, so that any other implementation can check ours.</summary>
internal static class StatisticsCommand
{
    public static Command Create()
    {
        var cases = new Argument<string>("cases") { Description = "Folder of cases, one JSON file each." };
        var answers = new Argument<string>("answers") { Description = "Folder for the answers, under the same file names." };
        var command = new Verb("statistics", "Answers statistics cases file by file.", "mlops statistics cases/ answers/") { cases, answers };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (from, to) = (parsed.GetValue(cases)!, parsed.GetValue(answers)!);
            if (!Directory.Exists(from))
            {
                throw new CommandException($"There is no folder '{from}'.");
            }

            Directory.CreateDirectory(to);
            int answered = 0, unknown = 0, broken = 0;
            foreach (var file in Directory.EnumerateFiles(from, "*.json").Order(StringComparer.Ordinal))
            {
                var (answer, isBroken) = await AnswerAsync(file, cancellationToken);
                if (answer is not null)
                {
                    var text = new JsonObject { ["expected"] = answer }.ToJsonString();
                    await File.WriteAllTextAsync(Path.Combine(to, Path.GetFileName(file)), text, cancellationToken);
                    answered++;
                }
                else
                {
                    (unknown, broken) = isBroken ? (unknown, broken + 1) : (unknown + 1, broken);
                }
            }

            Console.WriteLine($"{answered} answered, {unknown} of a kind that is not answered, {broken} broken.");
            return broken == 0 ? ExitCodes.Done : ExitCodes.BadInput;
        });
        return command;
    }

    // A bad case must not cost the answers to the others.
    private static async Task<(JsonNode? Answer, bool IsBroken)> AnswerAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var text = await File.ReadAllTextAsync(file, cancellationToken);
            if (JsonNode.Parse(text) is JsonObject @case && @case["kind"] is JsonValue)
            {
                var answer = GoldenAnswers.Answer(@case);
                if (answer is null)
                {
                    Console.Error.WriteLine($"mlops: '{file}' left out: cases of kind '{@case["kind"]}' are not answered.");
                }

                return (answer, false);
            }

            Console.Error.WriteLine($"mlops: '{file}' left out: it is not a case, an object with 'kind'.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Console.Error.WriteLine($"mlops: '{file}' left out: {exception.Message.Split('\n')[0]}");
        }

        return (null, true);
    }
}
