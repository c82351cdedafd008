using System.Diagnostics;

namespace MLOpsLearn.Training.Worker;

/// <summary>
/// Ends this process when the one that started it is gone. Standard input is a pipe from the parent that nothing is ever written to: it closes when
/// the parent ends, however that happened, and reading from it costs nothing until then.
/// </summary>
internal static class ParentWatch
{
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var pipe = Console.OpenStandardInput();
        var buffer = new byte[16];
        while (await pipe.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        EndNow();
    }

    /// <summary>Ends at once, also in the middle of native code that can't be cancelled. The service removes what is left behind.</summary>
    public static void EndNow()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
