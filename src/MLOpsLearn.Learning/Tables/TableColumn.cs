namespace MLOpsLearn.Learning.Tables;

/// <summary>A named column of a <see cref="ColumnTable"/>.</summary>
public abstract record TableColumn
{
    private TableColumn(string name) => Name = name;

    /// <summary>Name, compared exactly.</summary>
    public string Name { get; }

    /// <summary>Number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>Rows [<paramref name="start"/>, <paramref name="start"/> + <paramref name="count"/>), without a copy.</summary>
    public abstract TableColumn Slice(int start, int count);

    /// <summary>Numbers; NaN is missing.</summary>
    public sealed record Numeric(string Name, ReadOnlyMemory<double> Values) : TableColumn(Name)
    {
        /// <inheritdoc/>
        public override int Rows => Values.Length;

        /// <inheritdoc/>
        public override TableColumn Slice(int start, int count) => new Numeric(Name, Values.Slice(start, count));
    }

    /// <summary>Categories as codes into a dictionary; the code -1 is missing.</summary>
    public sealed record Categorical(string Name, ReadOnlyMemory<int> Codes, IReadOnlyList<string> Dictionary) : TableColumn(Name)
    {
        /// <inheritdoc/>
        public override int Rows => Codes.Length;

        /// <inheritdoc/>
        public override TableColumn Slice(int start, int count) => new Categorical(Name, Codes.Slice(start, count), Dictionary);

        /// <summary>Codes values by the order in which they first appear; null is missing.</summary>
        public static Categorical FromStrings(string name, IReadOnlyList<string?> values)
        {
            var codes = new int[values.Count];
            var known = new Dictionary<string, int>(StringComparer.Ordinal);
            var dictionary = new List<string>();
            for (var i = 0; i < codes.Length; i++)
            {
                if (values[i] is not { } value)
                {
                    codes[i] = -1;
                    continue;
                }

                if (!known.TryGetValue(value, out codes[i]))
                {
                    codes[i] = dictionary.Count;
                    known.Add(value, dictionary.Count);
                    dictionary.Add(value);
                }
            }

            return new Categorical(name, codes, dictionary);
        }
    }
}
