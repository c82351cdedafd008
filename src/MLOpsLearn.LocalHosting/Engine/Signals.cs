using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Engine;

/// <summary>Asks a process to end.</summary>
internal static class Signals
{
    private const int Terminate = 15;

    /// <summary>SIGTERM, or a kill where there are no signals.</summary>
    public static void RequestStop(Process process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else
            {
                _ = Kill(process.Id, Terminate);
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
