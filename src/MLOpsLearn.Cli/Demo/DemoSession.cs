using System.Diagnostics;
using System.Text.Json;
using Grpc.Core;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Cli.Trips;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Demo;

/// <summary>Everything around the demo: its input, its server, its temporary folder, and what it shows at the end.</summary>
internal static class DemoSession
{
    /// <summary>Whoever names a server that is not there is told soon.</summary>
    private static readonly TimeSpan RefusedPatience = TimeSpan.FromSeconds(3);

    /// <summary>One that took the call may be slow to answer it: its machine is busy.</summary>
    private static readonly TimeSpan AlivePatience = TimeSpan.FromSeconds(20);

    /// <summary>A service that ended comes back meanwhile.</summary>
    private static readonly TimeSpan AwayPatience = TimeSpan.FromMinutes(1);

    /// <exception cref="CommandException">Settings that don't go together, or bad data: nothing was started or written.</exception>
    public static async Task<int> RunAsync(DemoSettings settings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        CheckSettings(settings);
        var report = ReportFile.Choose(settings, TimeProvider.System);
        var progress = new DemoProgress();
        var real = settings.Data is null ? null : TripFiles.Find(settings.Data, settings.From, settings.To);
        if (real is not null)
        {
            await progress.RunAsync(() => CheckAllAsync(real, progress, cancellationToken));
        }

        using var given = settings.Server is null ? null : ServerOptions.Connect(settings.Server, settings.Grpc, "demo", AwayPatience);
        if (given is not null)
        {
            await progress.RunAsync(() => CheckServerAsync(given, progress, cancellationToken));
        }

        var temporary = Directory.CreateTempSubdirectory("mlops-demo-").FullName;
        try
        {
            var files = real ?? await progress.RunAsync(() => GenerateAsync(Path.Combine(temporary, "trips"), settings, progress, cancellationToken));
            await using var child = settings.Server is null
                ? await progress.RunAsync(() => StartAsync(settings.State ?? Path.Combine(temporary, "state"), progress, cancellationToken))
                : null;
            using var own = child is null ? null : ServerOptions.Connect(child.Address, child.Grpc, "demo");
            var result = await RunLoopAsync(given ?? own!, child, files, settings, progress, started, cancellationToken);
            ReportFile.Write(report, result);
            Show(result, settings, report);
            if (settings.Keep && child is not null)
            {
                await StayAsync(child, result.Model, cancellationToken);
            }

            return result.Closed ? ExitCodes.Done : ExitCodes.Failed;
        }
        finally
        {
            // What is kept of a temporary folder is its state: the server's last words may be wanted after --keep.
            Delete(settings is { Keep: true, State: null } ? Path.Combine(temporary, "trips") : temporary);
        }
    }

    private static void CheckSettings(DemoSettings settings)
    {
        if (settings.Data is null && (settings.From is not null || settings.To is not null))
        {
            throw new CommandException("--from and --to choose among real months: name their folder with --data.");
        }

        if (settings is { Data: not null, NoChange: true })
        {
            throw new CommandException("--no-change is about generated trips; it doesn't go with --data.");
        }

        if (settings is { Server: not null, State: not null } or { Server: not null, Keep: true })
        {
            throw new CommandException("--state and --keep are about the server that the demo starts; they don't go with --server.");
        }

        if (settings is { Server: null, Grpc: not null })
        {
            throw new CommandException("--grpc is the second address of a server: name the first with --server.");
        }
    }

    /// <summary>Looks at every file: a bad one is found before anything is started or written.</summary>
    private static Task<int> CheckAllAsync(IReadOnlyList<TripFile> files, DemoProgress progress, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            foreach (var file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress.Now($"Reading {file.Name} …");
                var month = TripReader.Read(file);
                progress.Done(FormattableString.Invariant(
                    $"{month.Name}: {month.Rows:N0} trips; dropped {month.OutsideMonth:N0} of another month, {month.FileRows - month.OutsideMonth - month.Rows:N0} not of 1 to 60 minutes"));
            }

            return files.Count;
        },
        cancellationToken);

    private static Task<IReadOnlyList<TripFile>> GenerateAsync(string folder, DemoSettings settings, DemoProgress progress, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            progress.Now("Making trips …");
            new TripGenerator(settings.Seed, settings.NoChange ? null : TripGenerator.DefaultFirstChanged).Write(folder, TripGenerator.Months, cancellationToken);
            var files = TripFiles.Find(folder, null, null);
            progress.Done($"{files.Count} months of trips are made, {files[0].Name} to {files[^1].Name}, from seed {settings.Seed}");
            return files;
        },
        cancellationToken);

    private static async Task<ServerProcess> StartAsync(string state, DemoProgress progress, CancellationToken cancellationToken)
    {
        progress.Now("Starting the server …");
        var server = await ServerProcess.StartAsync(state, cancellationToken);
        progress.Done($"The server is ready at {server.Address}");
        return server;
    }

    private static async Task CheckServerAsync(MLOpsLearnClient client, DemoProgress progress, CancellationToken cancellationToken)
    {
        progress.Now("Waiting for the server …");
        var silent = new CommandException($"The server at {client.Server} does not answer. Start one with: mlops server");
        var started = Stopwatch.GetTimestamp();
        await Waiting.UntilAsync(
            AlivePatience,
            silent,
            async token => await client.IsAliveAsync(token) || (Stopwatch.GetElapsedTime(started) > RefusedPatience ? throw silent : false),
            cancellationToken);
        await Waiting.UntilAsync(
            AwayPatience,
            new CommandException($"The server at {client.Server} was not ready within {AwayPatience.TotalSeconds:0} s; its log may say why.", ExitCodes.Failed),
            client.IsReadyAsync,
            cancellationToken);
    }

    private static async Task<DemoResult> RunLoopAsync(
        MLOpsLearnClient client,
        ServerProcess? child,
        IReadOnlyList<TripFile> files,
        DemoSettings settings,
        DemoProgress progress,
        long started,
        CancellationToken cancellationToken)
    {
        try
        {
            return await progress.RunAsync(() => new DemoRunner(client, progress).RunAsync(files, settings.Data ?? "generated", settings.Seed, started, cancellationToken));
        }
        catch (Exception exception) when (child is null && exception is RpcException { StatusCode: StatusCode.Unavailable } or HttpRequestException { StatusCode: null })
        {
            throw new CommandException($"The server at {client.Server} was lost in the middle of the demo, and did not come back for a minute.", ExitCodes.Failed);
        }
        catch (Exception exception) when (exception is RpcException or HttpRequestException && child is { HasEnded: true } && !cancellationToken.IsCancellationRequested)
        {
            throw new CommandException(await child.ReadReasonAsync(), ExitCodes.Failed);
        }
    }

    private static void Show(DemoResult result, DemoSettings settings, string report)
    {
        if (settings.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, Output.SnakeCase));
            Console.Error.WriteLine($"Report: {new Uri(report)}");
            return;
        }

        DemoTable.Write(result, Output.Console);
        Console.WriteLine($"Report: {new Uri(report)}");
    }

    private static async Task StayAsync(ServerProcess child, string model, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"The server stays up at {child.Address} until Ctrl+C, with its state in {child.StateFolder}. Try:");
        foreach (var next in new[] { $"lineage {model}@champion", "alerts list", $"freeze {model} --why \"looking closer\"" })
        {
            Console.Error.WriteLine($"  mlops {next} --server {child.Address} --grpc {child.Grpc}");
        }

        try
        {
            await child.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The demo was done before: its verdict is the exit code.
        }
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The system clears its temporary folder.
        }
    }
}
