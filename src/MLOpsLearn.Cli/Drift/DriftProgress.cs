using Spectre.Console;

namespace MLOpsLearn.Cli.Drift;

/// <summary>A line on standard error that says what goes on, on a terminal only.</summary>
internal static class DriftProgress
{
    public static T Run<T>(Func<Action<string>, T> work) => Console.IsErrorRedirected
        ? work(static _ => { })
        : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Status().Spinner(Spinner.Known.Dots)
            .Start("Starting …", context => work(text => context.Status(Markup.Escape(text))));
}
