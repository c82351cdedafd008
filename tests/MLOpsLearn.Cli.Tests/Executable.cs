using System.Diagnostics;
using Xunit;

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
        var (output, complaints) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await complaints);
    }
}
