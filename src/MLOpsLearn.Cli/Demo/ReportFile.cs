using MLOpsLearn.Cli.Report;

namespace MLOpsLearn.Cli.Demo;

/// <summary>Where the demo's report goes.</summary>
internal static class ReportFile
{
    /// <summary>The file that was asked for; else one in the state folder, or in the system's temporary folder.</summary>
    /// <exception cref="CommandException">Nothing can be written there. It is found out before the demo starts, not after it.</exception>
    public static string Choose(DemoSettings settings, TimeProvider time)
    {
        if (settings.Report is null)
        {
            return Path.GetFullPath(Path.Combine(settings.State ?? Path.GetTempPath(), $"mlops-demo-{time.GetUtcNow():yyyyMMdd-HHmmss}-{Environment.ProcessId}.html"));
        }

        var path = Path.GetFullPath(settings.Report);
        if (Directory.Exists(path))
        {
            throw new CommandException($"--report: '{settings.Report}' is a folder. Name a file, for example {Path.Combine(settings.Report, "loop.html")}.");
        }

        try
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder);
            using var probe = new FileStream(
                Path.Combine(folder, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--report: '{settings.Report}' can't be written: {exception.Message} Choose another file.");
        }
    }

    public static void Write(string path, DemoResult result)
    {
        try
        {
            File.WriteAllText(path, HtmlReport.Render(result));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--report: '{path}' can't be written: {exception.Message} Choose another file.");
        }
    }
}
