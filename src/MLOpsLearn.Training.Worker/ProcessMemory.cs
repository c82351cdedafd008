using System.Diagnostics;
using System.Globalization;

namespace MLOpsLearn.Training.Worker;

/// <summary>This process and the system's memory.</summary>
internal static class ProcessMemory
{
    /// <summary>Says to Linux that, when memory runs out, this process is to go before the service that started it. Elsewhere it does nothing.</summary>
    public static void PreferThisProcess()
    {
        const string file = "/proc/self/oom_score_adj";
        if (!OperatingSystem.IsLinux() || !File.Exists(file))
        {
            return;
        }

        try
        {
            File.WriteAllText(file, 800.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A hardened system may forbid it; then its own choice stands.
        }
    }

    /// <summary>Most memory of this process so far, in bytes.</summary>
    public static long PeakBytes()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
