using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Engine;

/// <summary>Asks a process to end.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    private const int KillNow = 9;

    /// <summary>Sends the signal, or kills where there are no signals.</summary>
    public static void RequestStop(Process process, int signal)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                process.Kill(entireProcessTree: true);
            }
            else
            {
                _ = Kill(process.Id, signal);
            }
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Kills whatever is left of the group that the process led.</summary>
    public static void KillGroup(int leader) => _ = Kill(-leader, KillNow);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
