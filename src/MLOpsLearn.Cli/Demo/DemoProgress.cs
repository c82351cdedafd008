using Spectre.Console;

namespace MLOpsLearn.Cli.Demo;

/// <summary>Tells on standard error what goes on: a line that changes on a terminal, plain lines elsewhere.</summary>
internal sealed class DemoProgress
{
    private readonly IAnsiConsole _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private StatusContext? _status;

    /// <summary>Runs the work with the changing line shown.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work) => _isTerminal
        ? _console.Status().Spinner(Spinner.Known.Dots).StartAsync("Starting …", async context =>
        {
            _status = context;
            return await work();
        })
        : work();

    /// <summary>Runs the work with the changing line shown.</summary>
    public Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>What goes on now; may come often.</summary>
    public void Now(string text)
    {
        if (_status is not null)
        {
            _status.Status(Markup.Escape(text));
        }
    }

    /// <summary>What is done; stays on the screen.</summary>
    public void Done(string text)
    {
        if (_isTerminal)
        {
            _console.MarkupLine("[green]✓[/] " + Markup.Escape(text));
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }
}
