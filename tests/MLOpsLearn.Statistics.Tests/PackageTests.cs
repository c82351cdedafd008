using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace MLOpsLearn.Statistics.Tests;

public sealed class PackageTests
{
    private static readonly Assembly Library = typeof(DriftReport).Assembly;

    [Fact]
    public async Task Package_has_its_readme_and_no_dependency()
    {
        var project = ProjectFile();
        Assert.SkipWhen(project is null, "skipped: the sources are not beside the tests");
        var folder = Directory.CreateTempSubdirectory("mlops-pack-").FullName;
        try
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["pack", project!, "-c", Configuration(), "--no-build", "--nologo", "-v", "quiet", "-o", folder])
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            var (code, output, errors) = await process.EndAsync();
            Assert.True(code == 0, output + errors);

            using var package = await ZipFile.OpenReadAsync(Assert.Single(Directory.GetFiles(folder, "*.nupkg")));
            using var readme = new StreamReader(await package.GetEntry("README.md")!.OpenAsync());
            Assert.Contains("DriftReport.Compare", await readme.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.NotNull(package.GetEntry("lib/net10.0/MLOpsLearn.Statistics.xml"));
            await using var manifest = await package.GetEntry("MLOpsLearn.Statistics.nuspec")!.OpenAsync();
            var metadata = await XDocument.LoadAsync(manifest, LoadOptions.None, TestContext.Current.CancellationToken);
            Assert.DoesNotContain(metadata.Descendants(), element => element.Name.LocalName == "dependency");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Library_stands_on_the_framework_alone() =>
        Assert.All(Library.GetReferencedAssemblies(), reference => Assert.StartsWith("System", reference.Name, StringComparison.Ordinal));

    [Fact]
    public void Every_public_member_is_documented()
    {
        var documented = XDocument.Load(Path.ChangeExtension(Library.Location, "xml")).Descendants("member")
            .Where(member => member.HasElements).Select(member => member.Attribute("name")!.Value.Split('(')[0]).ToHashSet(StringComparer.Ordinal);
        const BindingFlags declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        string[] missing =
        [
            .. Library.GetExportedTypes().SelectMany(type => type.GetMembers(declared).Select(member => Name(type, member)).Prepend($"T:{Plain(type)}"))
                .Where(name => name is not null && !documented.Contains(name)).Distinct().OfType<string>(),
        ];
        Assert.Empty(missing);
    }

    // Members that the compiler writes itself (of records and enums) need no words.
    private static string? Name(Type type, MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        _ when member.Name is "Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "<Clone>$" or "op_Equality" or "op_Inequality" or "value__" => null,
        MethodInfo method => $"M:{Plain(type)}.{method.Name}{(method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "")}",
        PropertyInfo property when IsPositional(type, property) => null,
        PropertyInfo property => $"P:{Plain(type)}.{property.Name}",
        FieldInfo field => $"F:{Plain(type)}.{field.Name}",
        _ => null,
    };

    // Parameters of a record's head are documented as such.
    private static bool IsPositional(Type type, PropertyInfo property) =>
        type.GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.Name == property.Name));

    private static string Plain(Type type) => type.FullName!.Replace('+', '.');

    private static string Configuration() => Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;

    private static string? ProjectFile()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "src", "MLOpsLearn.Statistics", "MLOpsLearn.Statistics.csproj");
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
