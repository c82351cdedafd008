using System.Diagnostics;

namespace MLOpsLearn.Cli.Tests;

/// <summary>The executable as a pipeline runs it: exit code, standard output, standard error.</summary>
internal static class Executable
{
    public static async Task<(int Code, string Output, string Complaints)> RunAsync(params string[] arguments)
    {
        var executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "mlops.exe" : "mlops");
        using var process = Process.Start(new ProcessStartInfo(executable, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TZ"] = "America/New_York" },
        })!;
        return await process.EndAsync();
    }
}
