using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Inference;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Monitoring;
using MLOpsLearn.Registry;
using MLOpsLearn.ServiceDefaults;
using MLOpsLearn.Standalone.FirstPage;
using MLOpsLearn.Tracking;
using MLOpsLearn.Training;

namespace MLOpsLearn.Standalone;

/// <summary>All five services in one process: SQLite, an in-memory bus, a folder for files. Calls between them are the same as between processes.</summary>
public static class StandaloneServer
{
    /// <summary>The services that live here, by the name that addresses and databases have.</summary>
    internal static readonly string[] Services = ["tracking", "registry", "training", "inference", "monitoring"];

    /// <summary>Runs until cancelled, or until the parent process is gone.</summary>
    /// <param name="options">Ports and folder.</param>
    /// <param name="started">Called once with the base address when every service answers.</param>
    /// <param name="cancellationToken">Ends the server; what is in flight is finished first.</param>
    /// <exception cref="StandaloneException">Port in use, or a state folder that can't be used: nothing was changed.</exception>
    public static async Task RunAsync(StandaloneOptions options, Action<Uri>? started, CancellationToken cancellationToken)
    {
        using var state = StateFolder.Open(options.StateFolder);
        await using var app = Build(options, state);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new StandaloneException(
                $"Port {options.Port} or {options.GrpcPort} is in use. Choose others with --port and --grpc-port.", exception);
        }
        catch (NewerDatabaseException exception)
        {
            throw new StandaloneException(exception.Message, exception);
        }

        started?.Invoke(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{options.Host}:{options.Port}/")));
        using var parentGone = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = options.ParentProcessId is { } id ? StopWithParentAsync(id, app.Lifetime, parentGone.Token) : Task.CompletedTask;
        await app.WaitForShutdownAsync(cancellationToken);
        await parentGone.CancelAsync();
        await watch;
    }

    internal static WebApplication Build(StandaloneOptions options, StateFolder state)
    {
        // The host's own configuration watches its folder, recursively; there is nothing here to watch, and a user may start us anywhere.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
        });
        builder.Configuration.AddInMemoryCollection(Configure(options, state, builder.Configuration["Artifacts:Root"]));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning).AddFilter("MassTransit", LogLevel.Warning);
        builder.AddServiceDefaults();
        builder.AddTrackingModule();
        builder.AddRegistryModule();
        builder.AddTrainingModule();
        builder.AddInferenceModule();
        builder.AddMonitoringModule();
        builder.AddEventBus(allowInMemory: true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));

        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapTrackingModule();
        app.MapRegistryModule();
        app.MapTrainingModule();
        app.MapInferenceModule();
        app.MapMonitoringModule();
        app.MapFirstPage();
        return app;
    }

    private static Dictionary<string, string?> Configure(StandaloneOptions options, StateFolder state, string? artifacts)
    {
        var host = options.Host is "0.0.0.0" or "*" or "+" or "[::]" or "::" ? "127.0.0.1" : options.Host;
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = string.Create(CultureInfo.InvariantCulture, $"http://{options.Host}:{options.Port}"),
            ["GRPC_PORT"] = options.GrpcPort.ToString(CultureInfo.InvariantCulture),
            ["AccessLog:Path"] = state.File("logs/requests.jsonl"),
            // A bucket, or a folder elsewhere, when the environment names one.
            ["Artifacts:Root"] = artifacts is { Length: > 0 } ? artifacts : state.File("artifacts"),
            ["Training:WorkRoot"] = state.File("training"),
            ["Inference:CacheRoot"] = state.File("inference"),
            ["Monitoring:Root"] = state.File("monitoring"),
        };
        foreach (var service in Services)
        {
            settings[$"ConnectionStrings:{service}"] = $"Data Source={state.File(service + ".db")}";
            settings[$"services:{service}:http:0"] = string.Create(CultureInfo.InvariantCulture, $"http://{host}:{options.Port}");
            settings[$"services:{service}:grpc:0"] = string.Create(CultureInfo.InvariantCulture, $"http://{host}:{options.GrpcPort}");
        }

        return settings;
    }

    private static async Task StopWithParentAsync(int parentId, IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        try
        {
            using var parent = Process.GetProcessById(parentId);
            await parent.WaitForExitAsync(cancellationToken);
        }
        catch (ArgumentException)
        {
            // It was gone before we looked.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lifetime.StopApplication();
    }
}
