using System.Text.Json;
using Google.Protobuf;
using Spectre.Console;

namespace MLOpsLearn.Cli.Commands;

/// <summary>Results on standard output: a table for people, or the contract's JSON.</summary>
internal static class Output
{
    public static void Json(IMessage message) => Console.WriteLine(JsonFormatter.Default.Format(message));

    public static void Json(IEnumerable<IMessage> messages) => Console.WriteLine($"[{string.Join(",\n", messages.Select(message => JsonFormatter.Default.Format(message)))}]");

    public static Table Table(params string[] columns)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        return table;
    }

    public static void Row(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)).ToArray<Spectre.Console.Rendering.IRenderable>());

    public static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
