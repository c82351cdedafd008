using System.CommandLine;
using System.Text;
using Grpc.Core;
using MLOpsLearn.Cli;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Standalone;

Console.OutputEncoding = new UTF8Encoding(false);
var root = new RootCommand("MLOpsLearn: design, train, deploy, monitor, retrain, in a loop that closes by itself.")
{
    DemoCommand.Create(),
    ServerCommand.Create(),
    LineageCommand.Create(),
    ModelsCommand.Create(),
    JobsCommand.Create(),
    AlertsCommand.Create(),
    FreezeCommand.Create(),
    UnfreezeCommand.Create(),
    StatisticsCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine($"mlops: {error.Message}");
    }

    Console.Error.WriteLine("See mlops --help.");
    return ExitCodes.BadInput;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) }, interrupted.Token);
}
catch (Exception exception) when (exception is CommandException or StandaloneException)
{
    Console.Error.WriteLine($"mlops: {exception.Message}");
    return exception is CommandException { ExitCode: var code } ? code : ExitCodes.BadInput;
}
catch (RpcException exception) when (exception.StatusCode is not StatusCode.Cancelled)
{
    Console.Error.WriteLine(exception.StatusCode == StatusCode.Unavailable
        ? "mlops: The server can't be reached. Start one with: mlops server   (or name it with --server URL)"
        : $"mlops: {exception.Status.Detail}");
    return exception.StatusCode is StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.Unavailable ? ExitCodes.BadInput : ExitCodes.Failed;
}
catch (Exception exception) when (exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
{
    return ExitCodes.Interrupted;
}
