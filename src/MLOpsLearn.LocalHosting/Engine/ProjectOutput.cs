using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Engine;

/// <summary>Finds what a project was built to.</summary>
internal static class ProjectOutput
{
    /// <summary>
    /// The assembly of a project, in the configuration that the AppHost itself was built in.
    /// </summary>
    /// <exception cref="DistributedApplicationException">It isn't built.</exception>
    public static string Find(ProjectMetadataAnnotation project, string resource)
    {
        var path = project.Metadata.ProjectPath;
        var folder = Path.GetDirectoryName(path)!;
        var name = Path.GetFileNameWithoutExtension(path) + ".dll";
        var here = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var framework = Path.GetFileName(here);
        var configuration = Path.GetFileName(Path.GetDirectoryName(here)!);
        var candidates = new[] { configuration, "Release", "Debug" }.Distinct().Select(each => Path.Combine(folder, "bin", each, framework, name));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new DistributedApplicationException($"'{resource}' is not built: run dotnet build -c {configuration} for {path}.");
    }
}
