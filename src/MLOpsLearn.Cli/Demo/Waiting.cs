using System.Diagnostics;

namespace MLOpsLearn.Cli.Demo;

/// <summary>Waits for something that the server does by itself, by reading.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <exception cref="CommandException">It did not happen in time; the message says what.</exception>
    public static async Task UntilAsync(string what, Func<CancellationToken, Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isSo(cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new CommandException($"Waited {Patience.TotalMinutes:0} minutes for {what}; the server's log may say why it did not come.", ExitCodes.Failed);
            }

            await Task.Delay(25, cancellationToken);
        }
    }
}
