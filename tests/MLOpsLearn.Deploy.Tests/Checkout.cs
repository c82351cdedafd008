using System.Diagnostics;
using YamlDotNet.Serialization;

namespace MLOpsLearn.Deploy.Tests;

/// <summary>Files of the checkout that these tests were built from, and programs of the machine.</summary>
internal static class Checkout
{
    /// <summary>The five services.</summary>
    public static readonly string[] Services = ["tracking", "registry", "training", "inference", "monitoring"];

    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>A YAML file as maps, lists and scalars.</summary>
    public static Node Yaml(params string[] parts) => Parse(Read(parts));

    /// <summary>YAML text as maps, lists and scalars; a key that stands twice is an error.</summary>
    public static Node Parse(string yaml) => new(new DeserializerBuilder().Build().Deserialize<object?>(Merged(yaml)));

    /// <summary>Runs a program; null when it isn't installed.</summary>
    public static async Task<(int Code, string Output)?> RunAsync(string program, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var (code, output, errors) = await process.EndAsync();
            return (code, code == 0 ? output : output + errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string Merged(string yaml)
    {
        var parser = new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(new StringReader(yaml)));
        return new SerializerBuilder().Build().Serialize(new DeserializerBuilder().WithDuplicateKeyChecking().Build().Deserialize<object?>(parser)!);
    }

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

/// <summary>A YAML value that can be walked without a type for each file. A member that isn't there is an empty node.</summary>
internal readonly record struct Node(object? Value)
{
    public Node this[string key] => new(Value is Dictionary<object, object?> map && map.TryGetValue(key, out var value) ? value : null);

    public bool Exists => Value is not null;

    public string Text => Value as string ?? "";

    public IEnumerable<Node> Items => Value is List<object?> list ? list.Select(item => new Node(item)) : [];

    public IEnumerable<(string Key, Node Value)> Members =>
        Value is Dictionary<object, object?> map ? map.Select(member => ((string)member.Key, new Node(member.Value))) : [];
}
