using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Engine;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A built application: starts every resource when what it waits for is ready, and stops all of them with itself.</summary>
public sealed class DistributedApplication : IAsyncDisposable, IDisposable
{
    private const int BadSettings = 2;
    private const int StoppedTwice = 130;
    private readonly IHost _host;
    private EngineContext? _engine;
    private readonly List<(IResource Resource, CancellationTokenSource Stop, Task Run)> _runs = [];

    internal DistributedApplication(IHost host, IReadOnlyList<IResource> resources)
    {
        _host = host;
        Resources = resources;
    }

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>States of the resources.</summary>
    public ResourceNotificationService ResourceNotifications { get; } = new();

    internal IReadOnlyList<IResource> Resources { get; }

    /// <summary>Made when the application starts: it takes ports, folders and a guard process.</summary>
    internal EngineContext Engine => _engine ??= new EngineContext(Resources, Configuration, HostEnvironment, ResourceNotifications);

    private IConfiguration Configuration => _host.Services.GetRequiredService<IConfiguration>();

    private IHostEnvironment HostEnvironment => _host.Services.GetRequiredService<IHostEnvironment>();

    /// <summary>A builder; <c>--help</c> among the arguments tells what may stand there.</summary>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        // The AppHost is its own main program: what is wrong with its settings is said in one line, not with a stack trace.
        AppDomain.CurrentDomain.UnhandledException += (_, error) =>
        {
            if (error.ExceptionObject is DistributedApplicationException exception)
            {
                Console.Error.WriteLine(exception.Message);
                Environment.Exit(BadSettings);
            }
        };
        if (args.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            Console.Out.WriteLine(CommandLine.Help);
            Environment.Exit(0);
        }

        return new DistributedApplicationBuilder(args);
    }

    /// <summary>Runs until Ctrl+C or SIGTERM.</summary>
    public void Run()
    {
        // The genuine method blocks as well: it is the last line of a program.
        RunAsync().GetAwaiter().GetResult();
    }

    /// <summary>Runs until Ctrl+C, SIGTERM or <paramref name="cancellationToken"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        if (Configuration.GetValue<bool>("AppHost:describe"))
        {
            await Console.Out.WriteLineAsync(new ModelDescription(Resources, Configuration, HostEnvironment).ToJson());
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Handle);
        try
        {
            await StartAsync(stop.Token);
            Engine.Console.Say($"Data and logs: {Engine.Data.Root}   Ctrl+C stops everything.");
            await Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Engine.Console.Say("Stopping … (once more to stop at once)");
            await StopAsync(CancellationToken.None);
        }
        finally
        {
            await DisposeAsync();
        }

        void Handle(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.IsCancellationRequested)
            {
                // The guard ends what is left.
                Environment.Exit(StoppedTwice);
            }

            stop.Cancel();
        }
    }

    /// <summary>Starts all resources and returns at once; what waits for another goes on in the background.</summary>
    /// <exception cref="DistributedApplicationException">A port is in use, a program is missing, or another AppHost uses the data folder: nothing was started.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Engine.CheckPrograms();
        Engine.OpenPorts();
        foreach (var resource in Resources.Where(resource => resource is not ParameterResource && !resource.Annotations.OfType<ExplicitStartAnnotation>().Any()))
        {
            // Each has a stop of its own, so that services can end before the servers that they need.
            var stop = new CancellationTokenSource();
            _runs.Add((resource, stop, new ResourceRunner(resource, Engine).RunAsync(stop.Token)));
        }

        return Task.CompletedTask;
    }

    /// <summary>Stops services first, then servers.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        foreach (var group in _runs.GroupBy(run => run.Resource is ContainerResource or PostgresDatabaseResource).OrderBy(group => group.Key).ToList())
        {
            foreach (var (resource, stop, _) in group)
            {
                ResourceNotifications.Update(resource.Name, now => now with { State = KnownResourceStates.Stopping, IsHealthy = false });
                await stop.CancelAsync();
            }

            await Task.WhenAll(group.Select(run => run.Run)).WaitAsync(cancellationToken);
        }

        await Engine.ClosePortsAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.ClosePortsAsync();
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, stop, _) in _runs)
        {
            stop.Dispose();
        }

        _runs.Clear();
        _engine?.Dispose();
        _engine = null;
        _host.Dispose();
    }
}
