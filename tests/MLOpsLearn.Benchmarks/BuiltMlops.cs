namespace MLOpsLearn.Benchmarks;

/// <summary>The executable that the checkout's build made.</summary>
internal static class BuiltMlops
{
    public static string Path
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(folder.FullName, "MLOpsLearn.sln")))
                {
                    return System.IO.Path.Combine(
                        folder.FullName, "src", "MLOpsLearn.Cli", "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? "mlops.exe" : "mlops");
                }
            }

            throw new InvalidOperationException("Run the benchmark from the checkout, after building the solution.");
        }
    }
}
