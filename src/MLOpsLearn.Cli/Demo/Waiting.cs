using Grpc.Core;

namespace MLOpsLearn.Cli.Demo;

/// <summary>Waits for something that comes true by itself, by asking for it.</summary>
internal static class Waiting
{
    private static readonly TimeSpan LoopPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits for something that the server's loop does.</summary>
    /// <exception cref="CommandException">It did not happen in time; the message says what.</exception>
    public static Task UntilAsync(string what, Func<CancellationToken, Task<bool>> isSo, CancellationToken cancellationToken) => UntilAsync(
        LoopPatience,
        new CommandException($"Waited {LoopPatience.TotalMinutes:0} minutes for {what}; the server's log may say why it did not come.", ExitCodes.Failed),
        isSo,
        cancellationToken);

    /// <exception cref="CommandException"><paramref name="otherwise"/>, when it is not so within <paramref name="patience"/>.</exception>
    public static async Task UntilAsync(TimeSpan patience, CommandException otherwise, Func<CancellationToken, Task<bool>> isSo, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        given.CancelAfter(patience);
        try
        {
            while (!await isSo(given.Token))
            {
                await Task.Delay(Pause, given.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }
            && given.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw otherwise;
        }
    }
}
