using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Aspire.Hosting.Tests;

/// <summary>Compiles an AppHost.cs against the local engine, as its project file would, and runs it.</summary>
internal static partial class SampleAppHost
{
    private const string GlobalUsings = """
        global using Aspire.Hosting;
        global using Aspire.Hosting.ApplicationModel;
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    /// <summary>Its entry point.</summary>
    public static Action<string[]> Compile(string source)
    {
        var entryPoint = Assembly.Load(CompileToBytes(source)).EntryPoint!;
        return args => entryPoint.Invoke(null, [args]);
    }

    /// <summary>Its assembly.</summary>
    public static byte[] CompileToBytes(string source)
    {
        var projects = string.Join('\n', ProjectName().Matches(source).Select(match => match.Groups[1].Value).Distinct().Select(name =>
            $"namespace Projects {{ public sealed class {name} : Aspire.Hosting.IProjectMetadata {{ public string ProjectPath => \"/{name}.csproj\"; }} }}"));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "SampleAppHost",
            new[] { source, projects, GlobalUsings }.Select(text => CSharpSyntaxTree.ParseText(text)),
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var memory = new MemoryStream();
        var result = compilation.Emit(memory);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        return memory.ToArray();
    }

    [GeneratedRegex(@"Projects\.(\w+)")]
    private static partial Regex ProjectName();
}
