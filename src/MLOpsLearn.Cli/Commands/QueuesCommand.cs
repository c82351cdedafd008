using System.CommandLine;
using System.Globalization;
using System.Text;
using MLOpsLearn.Contracts.Monitoring.V1;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops queues list|show|resend|discard</c>: how full the broker's queues are, and what became of messages that could not be handled.</summary>
internal static class QueuesCommand
{
    public static Command Create() => new("queues", "The broker's queues and their dead letters.") { List(), Show(), Resend(), Discard() };

    private static Verb List()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var list = new Verb("list", "Lists the queues: what waits for a consumer, for a retry, and what is dead.", "mlops queues list", "mlops queues list --json") { json };
        server.AddTo(list);
        list.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var answer = await client.Queues.ListQueuesAsync(new ListQueuesRequest(), cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(answer.Queues);
                return ExitCodes.Done;
            }

            var table = Output.Table("Queue", "Fed by", "Ready", "Consumers", "Waiting for retry", "Dead");
            foreach (var queue in answer.Queues)
            {
                table.Row(queue.Name, queue.Source, Number(queue.Ready), Number(queue.Consumers), Number(queue.Waiting), Number(queue.Dead));
            }

            Output.Console.Write(table);
            if (answer.Queues.FirstOrDefault(queue => queue.Dead > 0) is { } withDead)
            {
                Output.Console.WriteLine($"See why: mlops queues show {withDead.Name}");
            }

            return ExitCodes.Done;
        });
        return list;
    }

    private static Verb Show()
    {
        var queue = Queue();
        var limit = Output.Limit();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = new ServerOptions();
        var show = new Verb("show", "Shows the oldest dead letters of a queue and why they could not be handled.", "mlops queues show training.triggers", "mlops queues show training.triggers --json") { queue, limit, json };
        server.AddTo(show);
        show.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var name = parsed.GetValue(queue)!;
            var answer = await client.Queues.ListDeadLettersAsync(
                new ListDeadLettersRequest { Queue = name, PageSize = parsed.GetValue(limit) }, cancellationToken: cancellationToken);
            if (parsed.GetValue(json))
            {
                Output.Json(answer.DeadLetters);
                return ExitCodes.Done;
            }

            if (answer.DeadLetters.Count == 0)
            {
                Output.Console.WriteLine($"No dead letters in {name}.");
                return ExitCodes.Done;
            }

            var table = Output.Table("Message", "Failed", "Why", "Begins with");
            foreach (var letter in answer.DeadLetters)
            {
                table.Row(letter.MessageId, Output.Time(letter.FailTime), letter.Reason, Printable(letter.Body.Span));
            }

            Output.Console.Write(table);
            Output.Console.WriteLine($"Send again: mlops queues resend {name} --id MESSAGE   (or --all)");
            return ExitCodes.Done;
        });
        return show;
    }

    private static Verb Resend()
    {
        var queue = Queue();
        var id = new Option<string?>("--id") { Description = "Only this message." };
        var all = new Option<bool>("--all") { Description = "Every dead letter of the queue." };
        var server = new ServerOptions();
        var resend = new Verb("resend", "Sends dead letters to their queue again.", "mlops queues resend training.triggers --id 7d0c…", "mlops queues resend training.triggers --all") { queue, id, all };
        resend.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(id) is not null))
            {
                result.AddError("Say which: --id MESSAGE, or --all.");
            }
        });
        server.AddTo(resend);
        resend.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            var answer = await client.Queues.ResendDeadLettersAsync(
                new ResendDeadLettersRequest { Queue = parsed.GetValue(queue), MessageId = parsed.GetValue(id) ?? "" }, cancellationToken: cancellationToken);
            Output.Console.WriteLine($"{Number(answer.Count)} sent again.");
            return ExitCodes.Done;
        });
        return resend;
    }

    private static Verb Discard()
    {
        var queue = Queue();
        var id = new Option<string>("--id") { Description = "The message.", Required = true };
        var server = new ServerOptions();
        var discard = new Verb("discard", "Throws a dead letter away.", "mlops queues discard training.triggers --id 7d0c…") { queue, id };
        server.AddTo(discard);
        discard.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = server.Connect(parsed, "cli");
            await client.Queues.DiscardDeadLetterAsync(
                new DiscardDeadLetterRequest { Queue = parsed.GetValue(queue), MessageId = parsed.GetValue(id) }, cancellationToken: cancellationToken);
            Output.Console.WriteLine("Thrown away.");
            return ExitCodes.Done;
        });
        return discard;
    }

    private static Argument<string> Queue() => new("queue") { Description = "Name of the queue, for example training.triggers." };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Printable(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 120)]);
        return string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
    }
}
