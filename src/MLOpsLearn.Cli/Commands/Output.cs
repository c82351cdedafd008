using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MLOpsLearn.Cli.Commands;

/// <summary>Results on standard output: a table for people, or the contract's JSON.</summary>
internal static class Output
{
    public static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Standard output; wide where no terminal sets the width, so that tables are not folded for a file.</summary>
    public static IAnsiConsole Console { get; } = CreateConsole();

    public static void Json(IMessage message) => System.Console.WriteLine(JsonFormatter.Default.Format(message));

    public static void Json(IEnumerable<IMessage> messages) =>
        System.Console.WriteLine($"[{string.Join(",\n", messages.Select(message => JsonFormatter.Default.Format(message)))}]");

    public static Table Table(params string[] columns)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        return table;
    }

    public static void Row(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)).ToArray<IRenderable>());

    public static string Time(Timestamp? time) => time is null ? "" : time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>How many rows a list shows.</summary>
    public static Option<int> Limit()
    {
        var limit = new Option<int>("--limit") { Description = "How many, 1 to 1000.", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                result.AddError("--limit must be between 1 and 1000.");
            }
        });
        return limit;
    }

    private static IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (System.Console.IsOutputRedirected)
        {
            console.Profile.Width = 200;
        }

        return console;
    }
}
