using System.Xml.Linq;

namespace MLOpsLearn.Architecture.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Each project's name with the names of the projects that it references.</summary>
    public static IReadOnlyDictionary<string, string[]> ProjectReferences() =>
        Directory.EnumerateFiles(Root, "*.csproj", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetFileNameWithoutExtension(file),
            file => XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => reference.Attribute("Include")?.Value).OfType<string>()
                .Select(include => Path.GetFileNameWithoutExtension(include.Replace('\\', '/')))
                .ToArray());

    /// <summary>Source files, without what the build or the migrations tool wrote.</summary>
    public static IEnumerable<string> SourceFiles() =>
        new[] { "src", "tests", "MLOpsLearn.AppHost", "MLOpsLearn.ServiceDefaults" }
            .Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin" or "Migrations"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MLOpsLearn.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests must run from below the checkout.");
    }
}
