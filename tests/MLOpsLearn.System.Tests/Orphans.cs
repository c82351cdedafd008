using System.Diagnostics;
using Aspire.Hosting.Engine;

namespace MLOpsLearn.SystemTests;

/// <summary>What a test run started ends with it, also when it is killed: servers that are left would burden whatever runs next.</summary>
internal static class Orphans
{
    private static readonly OrphanGuard Guard = new();

    /// <summary>Gives the process back, watched.</summary>
    public static Process Watch(Process process)
    {
        Guard.Watch(process.Id);
        _ = ForgetAsync(process.Id);
        return process;
    }

    private static async Task ForgetAsync(int id)
    {
        try
        {
            // An object of its own: the other one may be disposed before its process has ended.
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }

        Guard.Forget(id);
    }
}
