namespace MLOpsLearn.SystemTests;

/// <summary>The folder "shared" beside the checkout; absent in a clone of somebody else's.</summary>
internal static class SharedFolder
{
    public static string? Find(string relative)
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable("MLOPSLEARN_SHARED") is { Length: > 0 } shared)
        {
            candidates.Add(shared);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MLOpsLearn.sln")) && folder.Parent is { } parent)
            {
                candidates.Add(Path.Combine(parent.FullName, "shared"));
            }
        }

        return candidates.Select(folder => Path.Combine(folder, relative)).FirstOrDefault(Path.Exists);
    }
}
