using System.Diagnostics;

namespace MLOpsLearn.Cli.Tests.Transfer;

/// <summary>The executable, beside the tests.</summary>
internal static class Mlops
{
    public static Process Start(params string[] arguments)
    {
        var executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "mlops.exe" : "mlops");
        return Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    public static async Task<(int Code, string Output, string Complaints)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await process.EndAsync();
    }
}
