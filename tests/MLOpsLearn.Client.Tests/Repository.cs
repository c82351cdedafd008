namespace MLOpsLearn.Client.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "MLOpsLearn.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run in a folder of the checkout.");
    }
}
