using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Spectre.Console;

namespace Aspire.Hosting.Engine;

/// <summary>
/// Shows the lines of all resources with their names in colour, and below them, on a terminal, a table of states and addresses that stays at
/// the bottom. Every line goes to the resource's own file as well.
/// </summary>
internal sealed class ApplicationConsole : IDisposable
{
    /// <summary>Codes of the terminal's foreground colours; red is left for faults.</summary>
    private static readonly int[] Colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94];
    private readonly Lock _lock = new();
    private readonly AllocatedModel _model;
    private readonly ResourceNotificationService _states;
    private readonly string _logFolder;
    private readonly Dictionary<string, RollingLog> _files = [];
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly int _nameWidth;
    private string? _footer;
    private int _footerLines;

    public ApplicationConsole(AllocatedModel model, ResourceNotificationService states, string logFolder)
    {
        (_model, _states, _logFolder) = (model, states, logFolder);
        _nameWidth = model.Resources.Count == 0 ? 0 : model.Resources.Max(resource => resource.Name.Length);
        states.Published += OnPublished;
    }

    /// <summary>Where the lines of a resource go.</summary>
    public Action<string> LogOf(string resource)
    {
        lock (_lock)
        {
            if (!_files.ContainsKey(resource))
            {
                _files[resource] = new RollingLog(Path.Combine(_logFolder, resource + ".log"));
            }
        }

        return line => Write(resource, line);
    }

    /// <summary>A line of the engine itself.</summary>
    public void Say(string line)
    {
        lock (_lock)
        {
            AboveFooter(() => Console.Out.WriteLine(line));
        }
    }

    public void Dispose()
    {
        _states.Published -= OnPublished;
        lock (_lock)
        {
            foreach (var file in _files.Values)
            {
                file.Dispose();
            }

            _files.Clear();
        }
    }

    private void Write(string resource, string line)
    {
        lock (_lock)
        {
            if (_files.TryGetValue(resource, out var file))
            {
                file.WriteLine(line);
            }

            var name = resource.PadRight(_nameWidth);
            AboveFooter(() =>
            {
                if (_isTerminal)
                {
                    Console.Out.WriteLine($"\x1b[{ColourOf(resource)}m{name}\x1b[0m {line}");
                }
                else
                {
                    Console.Out.WriteLine($"{name} | {line}");
                }
            });
        }
    }

    private void OnPublished(string resource, ResourceSnapshot snapshot)
    {
        lock (_lock)
        {
            _footer = null;
            if (_isTerminal)
            {
                AboveFooter(() => { });
                return;
            }

            var state = snapshot.IsHealthy ? "Healthy" : snapshot.State;
            var detail = snapshot.Reason is { } reason ? $": {reason}" : "";
            var exit = snapshot.ExitCode is { } code && KnownResourceStates.IsTerminal(snapshot.State) ? $" (exit code {code})" : "";
            var addresses = snapshot.IsHealthy ? "  " + Addresses(_model.Resources.First(each => each.Name == resource)) : "";
            Console.Out.WriteLine($"{resource.PadRight(_nameWidth)} : {state}{exit}{detail}{addresses}");
        }
    }

    private void AboveFooter(Action write)
    {
        if (_isTerminal && _footerLines > 0)
        {
            Console.Out.Write(string.Create(CultureInfo.InvariantCulture, $"\x1b[{_footerLines}A\x1b[0J"));
        }

        write();
        _footerLines = 0;
        if (_isTerminal)
        {
            var footer = _footer ??= RenderFooter();
            var lines = footer.Count(c => c == '\n');
            // A table that is taller than the window can't be taken back line by line.
            if (Console.WindowHeight is var height && (height <= 0 || lines < height))
            {
                _footerLines = lines;
                Console.Out.Write(footer);
            }
        }
    }

    private int ColourOf(string resource)
    {
        var index = 0;
        while (index < _model.Resources.Count - 1 && _model.Resources[index].Name != resource)
        {
            index++;
        }

        return Colours[index % Colours.Length];
    }

    private string RenderFooter()
    {
        var table = new Table().RoundedBorder().AddColumns("Resource", "State", "Process", "Address");
        foreach (var resource in _model.Resources.Where(resource => resource is not ParameterResource))
        {
            var snapshot = _states.TryGet(resource.Name) ?? ResourceSnapshot.Initial;
            var state = snapshot.IsHealthy ? "[green]Healthy[/]"
                : snapshot.State == KnownResourceStates.FailedToStart ? $"[red]{snapshot.State}[/] {Markup.Escape(snapshot.Reason ?? "")}"
                : $"[yellow]{snapshot.State}[/]";
            var restarts = snapshot.Restarts > 0 ? $" [yellow](restarted {snapshot.Restarts}×)[/]" : "";
            table.AddRow(
                new Markup(Markup.Escape(resource.Name)),
                new Markup(state + restarts),
                new Text(string.Join(' ', snapshot.ProcessIds)),
                new Text(Addresses(resource)));
        }

        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Math.Max(60, Console.WindowWidth - 1);
        console.Write(table);
        return text.ToString();
    }

    /// <summary>None for a server of the user's: its address is in his connection string, with a password.</summary>
    private string Addresses(IResource resource) => _model.IsExternal(resource) ? "" : string.Join(' ', resource.Annotations.OfType<EndpointAnnotation>()
        .Select(endpoint => $"{endpoint.UriScheme}://localhost:{_model.PublicPort(resource, endpoint.Name)}" + (endpoint.Name is "http" or "tcp" ? "" : $" ({endpoint.Name})")));
}
