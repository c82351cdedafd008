using System.Text;
using Grpc.Core;
using MLOpsLearn.Cli;
using MLOpsLearn.Cli.Commands;
using MLOpsLearn.Standalone;

Console.OutputEncoding = new UTF8Encoding(false);
var parsed = CommandLine.Create().Parse(args);
if (parsed.Errors.Count > 0)
{
    // One line, whatever follows from the first mistake: an unknown option makes its value an unknown argument, too.
    Console.Error.WriteLine($"{CommandException.Prefix}{parsed.Errors[0].Message} See {CommandLine.HelpOf(parsed)}.");
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
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20) }, interrupted.Token);
}
catch (Exception exception)
{
    var (message, exitCode) = Explain(exception);
    if (message is not null)
    {
        Console.Error.WriteLine(CommandException.Prefix + message);
    }

    return exitCode;
}

static (string? Message, int ExitCode) Explain(Exception exception) => exception switch
{
    CommandException ours => (ours.Message, ours.ExitCode),
    StandaloneException => (exception.Message, ExitCodes.BadInput),
    OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } => (null, ExitCodes.Interrupted),
    RpcException { StatusCode: StatusCode.Unavailable, Status.DebugException: not null } or HttpRequestException { StatusCode: null } =>
        ("The server can't be reached. Start one with: mlops server   (or name it with --server URL)", ExitCodes.BadInput),
    // Its gateway answers in its place, and not in gRPC.
    RpcException { StatusCode: StatusCode.Unavailable, Status.Detail: var detail } when detail.StartsWith("Bad gRPC response", StringComparison.Ordinal) =>
        ("The service that does this can't be reached by the server just now. Try again in a moment.", ExitCodes.Failed),
    RpcException { StatusCode: StatusCode.Unavailable } away => (away.Status.Detail, ExitCodes.Failed),
    RpcException { StatusCode: StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.AlreadyExists or StatusCode.OutOfRange } refused =>
        (refused.Status.Detail, ExitCodes.BadInput),
    RpcException failed => ($"{failed.Status.Detail} ({failed.StatusCode})", ExitCodes.Failed),
    _ => ($"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}", ExitCodes.Failed),
};
