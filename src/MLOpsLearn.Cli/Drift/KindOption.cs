namespace MLOpsLearn.Cli.Drift;

/// <summary>Reads <c>--kind column=kind</c>, also several by comma. A column's name may itself hold commas and equals signs.</summary>
internal static class KindOption
{
    /// <exception cref="CommandException">A part names no column or no kind, or a column twice.</exception>
    public static IReadOnlyDictionary<string, DriftKind> Parse(IEnumerable<string> given)
    {
        var kinds = new Dictionary<string, DriftKind>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var name = string.Empty;
            foreach (var part in text.Split(','))
            {
                name += name.Length == 0 ? part : $",{part}";
                var equals = name.LastIndexOf('=');
                if (equals > 0 && KindOf(name[(equals + 1)..]) is { } kind)
                {
                    if (!kinds.TryAdd(name[..equals].Trim(), kind))
                    {
                        throw new CommandException($"--kind names the column '{name[..equals].Trim()}' twice.");
                    }

                    name = string.Empty;
                }
            }

            if (name.Length > 0)
            {
                throw new CommandException($"--kind '{name}' is not COLUMN=KIND with numeric, categorical, text or datetime.");
            }
        }

        return kinds;
    }

    private static DriftKind? KindOf(string word) => word.Trim() switch
    {
        "numeric" => DriftKind.Numeric,
        "categorical" => DriftKind.Categorical,
        "text" => DriftKind.Text,
        "datetime" => DriftKind.DateTime,
        _ => null,
    };
}
