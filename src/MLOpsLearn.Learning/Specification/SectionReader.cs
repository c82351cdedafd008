using System.Globalization;
using System.Xml;
using YamlDotNet.RepresentationModel;

namespace MLOpsLearn.Learning.Specification;

/// <summary>Reads one mapping strictly: every fault is collected, and what nobody asked for is a fault as well.</summary>
internal sealed class SectionReader
{
    private readonly string _path;
    private readonly Dictionary<string, YamlNode> _left = new(StringComparer.Ordinal);
    private readonly List<SpecificationFault> _faults;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public SectionReader(YamlMappingNode node, string path, List<SpecificationFault> faults)
    {
        (_path, _faults) = (path, faults);
        foreach (var (key, value) in node.Children)
        {
            _left[(key as YamlScalarNode)?.Value ?? ""] = value;
        }
    }

    public void Fault(string key, string value, string rule) => _faults.Add(new SpecificationFault(PathOf(key), Shorten(value), rule));

    public string Text(string key, int maxLength, string? otherwise = null, Func<string, bool>? isRight = null, string rule = "")
    {
        if (!Take(key, out var node))
        {
            if (otherwise is null)
            {
                Fault(key, "", "must be given");
            }

            return otherwise ?? "";
        }

        if (node is not YamlScalarNode { Value: { } text })
        {
            Fault(key, "", "must be text");
            return otherwise ?? "";
        }

        if (text.Length == 0 || text.Length > maxLength)
        {
            Fault(key, text, $"must have 1 to {maxLength} characters");
        }
        else if (isRight is not null && !isRight(text))
        {
            Fault(key, text, rule);
        }

        return text;
    }

    public double Number(string key, double otherwise, double min, double max)
    {
        if (!Take(key, out var node))
        {
            return otherwise;
        }

        if (node is YamlScalarNode { Value: { } text }
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Fault(key, (node as YamlScalarNode)?.Value ?? "", string.Create(CultureInfo.InvariantCulture, $"must be a number between {min} and {max}"));
        return otherwise;
    }

    public double? OptionalNumber(string key) => _left.ContainsKey(key) ? Number(key, 0, double.MinValue, double.MaxValue) : null;

    public long Integer(string key, long otherwise, long min, long max)
    {
        if (!Take(key, out var node))
        {
            return otherwise;
        }

        if (node is YamlScalarNode { Value: { } text }
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Fault(key, (node as YamlScalarNode)?.Value ?? "", $"must be a whole number between {min} and {max}");
        return otherwise;
    }

    public bool Flag(string key, bool otherwise)
    {
        if (!Take(key, out var node))
        {
            return otherwise;
        }

        if (node is YamlScalarNode { Value: "true" or "false" } scalar)
        {
            return scalar.Value == "true";
        }

        Fault(key, (node as YamlScalarNode)?.Value ?? "", "must be true or false");
        return otherwise;
    }

    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices, T? otherwise) where T : struct
    {
        var rule = $"must be one of {string.Join(", ", choices.Keys)}";
        var text = Text(key, 100, otherwise is null ? null : "", null, "");
        if (text.Length == 0)
        {
            return otherwise ?? default;
        }

        if (choices.TryGetValue(text, out var choice))
        {
            return choice;
        }

        Fault(key, text, rule);
        return otherwise ?? default;
    }

    /// <summary>A length of time as "31d", "12h", "30m", or in ISO 8601 ("P31D").</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan max)
    {
        if (!Take(key, out var node))
        {
            return otherwise;
        }

        var text = (node as YamlScalarNode)?.Value ?? "";
        if (ParseDuration(text) is { } duration && duration >= TimeSpan.Zero && duration <= max)
        {
            return duration;
        }

        Fault(key, text, $"must be a length of time up to {max.TotalDays:0} days, such as 31d, 12h, 30m or P31D");
        return otherwise;
    }

    public IReadOnlyList<string> TextList(string key, int maxCount, int maxLength)
    {
        if (!Take(key, out var node))
        {
            return [];
        }

        if (node is YamlSequenceNode sequence && sequence.Children.Count <= maxCount
            && sequence.Children.All(child => child is YamlScalarNode { Value: { Length: > 0 } text } && text.Length <= maxLength))
        {
            return [.. sequence.Children.Select(child => ((YamlScalarNode)child).Value!)];
        }

        Fault(key, "", $"must be a list of at most {maxCount} texts of 1 to {maxLength} characters");
        return [];
    }

    public SectionReader? Section(string key, bool required)
    {
        if (!Take(key, out var node))
        {
            if (required)
            {
                Fault(key, "", "must be given");
            }

            return null;
        }

        if (node is YamlMappingNode mapping)
        {
            return new SectionReader(mapping, PathOf(key), _faults);
        }

        Fault(key, (node as YamlScalarNode)?.Value ?? "", "must be a mapping");
        return null;
    }

    public IReadOnlyList<SectionReader> Sections(string key, int maxCount)
    {
        if (Take(key, out var node) && node is YamlSequenceNode sequence && sequence.Children.Count > 0 && sequence.Children.Count <= maxCount
            && sequence.Children.All(child => child is YamlMappingNode))
        {
            return [.. sequence.Children.Select((child, index) => new SectionReader((YamlMappingNode)child, $"{PathOf(key)}[{index}]", _faults))];
        }

        Fault(key, "", $"must be a list of 1 to {maxCount} mappings");
        return [];
    }

    /// <summary>Says what nobody asked for. Call it last.</summary>
    public void Close()
    {
        foreach (var key in _left.Keys.Where(key => !_known.Contains(key)))
        {
            Fault(key, "", $"is unknown here; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
        }
    }

    private static TimeSpan? ParseDuration(string text)
    {
        if (text.Length > 1 && text.Length < 10 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return text[^1] switch
            {
                'd' when count < 100_000 => TimeSpan.FromDays(count),
                'h' => TimeSpan.FromHours(count),
                'm' => TimeSpan.FromMinutes(count),
                's' => TimeSpan.FromSeconds(count),
                _ => null,
            };
        }

        try
        {
            return text.StartsWith('P') && text.Length < 40 ? XmlConvert.ToTimeSpan(text) : null;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static string Shorten(string value) => string.Concat(value.Take(80).Select(c => char.IsControl(c) ? '?' : c));

    private bool Take(string key, out YamlNode node)
    {
        _known.Add(key);
        return _left.TryGetValue(key, out node!);
    }

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";
}
