using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace MLOpsLearn.Learning.Specification;

/// <summary>Reads YAML from outside: bounded in size and depth, without anchors, without repeated keys.</summary>
internal static class YamlTree
{
    private const int MaxCharacters = 256 * 1024;
    private const int MaxDepth = 16;

    public static (YamlMappingNode? Root, SpecificationFault? Fault) Parse(string yaml)
    {
        if (yaml.Length > MaxCharacters)
        {
            return (null, new SpecificationFault("", $"{yaml.Length} characters", $"must have at most {MaxCharacters} characters"));
        }

        if (yaml.Contains('\0', StringComparison.Ordinal))
        {
            return (null, new SpecificationFault("", "NUL", "must not contain NUL characters"));
        }

        try
        {
            if (Unsafe(yaml) is { } fault)
            {
                return (null, fault);
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root
                ? (root, null)
                : (null, new SpecificationFault("", $"{stream.Documents.Count} documents", "must be one document, a mapping"));
        }
        catch (YamlException exception)
        {
            return (null, new SpecificationFault($"line {exception.Start.Line}, column {exception.Start.Column}", "", $"must be YAML: {exception.Message}"));
        }
    }

    /// <summary>Walks the events without building anything, so that depth can't hurt.</summary>
    private static SpecificationFault? Unsafe(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        var depth = 0;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case AnchorAlias alias:
                    return new SpecificationFault($"line {alias.Start.Line}", alias.Value.Value, "must not use anchors and aliases");
                case MappingStart or SequenceStart when ++depth > MaxDepth:
                    return new SpecificationFault($"line {parser.Current.Start.Line}", "", $"must not be nested deeper than {MaxDepth}");
                case MappingEnd or SequenceEnd:
                    depth--;
                    break;
            }
        }

        return null;
    }
}
