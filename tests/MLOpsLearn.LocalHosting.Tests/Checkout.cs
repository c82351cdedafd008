namespace Aspire.Hosting.Tests;

/// <summary>The sources that these tests were built from.</summary>
internal static class Checkout
{
    public static string Folder
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "MLOpsLearn.sln")))
                {
                    return folder.FullName;
                }
            }

            throw new InvalidOperationException("These tests must run from below the checkout.");
        }
    }
}
