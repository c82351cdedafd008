using System.CommandLine;
using MLOpsLearn.Standalone;

namespace MLOpsLearn.Cli.Commands;

/// <summary><c>mlops server</c>: all five services in this process.</summary>
internal static class ServerCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of HTTP: JSON, files, the first page.", DefaultValueFactory = _ => 5080 };
        var grpcPort = new Option<int?>("--grpc-port") { Description = "Port of gRPC. Default: the port after --port." };
        var state = new Option<string>("--state") { Description = "Folder of everything that survives a restart.", HelpName = "DIR", DefaultValueFactory = _ => DefaultState() };
        var host = new Option<string>("--host") { Description = "Address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };
        var parent = new Option<int?>("--parent-pid") { Description = "End when this process ends.", Hidden = true };
        port.Validators.Add(result => CheckPort(result.GetValueOrDefault<int>(), "--port", result.AddError));
        grpcPort.Validators.Add(result => CheckPort(result.GetValueOrDefault<int?>() ?? 1, "--grpc-port", result.AddError));
        var command = new Verb("server", "Runs all five services in one process.", "mlops server", "mlops server --port 8080 --state ./state") { port, grpcPort, state, host, parent };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new StandaloneOptions
            {
                Port = parsed.GetValue(port),
                GrpcPort = parsed.GetValue(grpcPort) ?? parsed.GetValue(port) + 1,
                Host = parsed.GetValue(host)!,
                StateFolder = parsed.GetValue(state)!,
                ParentProcessId = parsed.GetValue(parent),
            };
            await StandaloneServer.RunAsync(
                options,
                address =>
                {
                    Console.WriteLine($"Ready at {address}   gRPC on port {options.GrpcPort}   state in {Path.GetFullPath(options.StateFolder)}");
                    Console.WriteLine("Ctrl+C stops the server.");
                },
                cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void CheckPort(int port, string option, Action<string> fault)
    {
        if (port is < 1 or > 65535)
        {
            fault($"{option} must be between 1 and 65535, not {port}.");
        }
    }

    private static string DefaultState() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlopslearn", "server");
}
