using System.Globalization;

namespace MLOpsLearn.MLflow.Searching;

/// <summary>The right side of a clause.</summary>
public abstract record FilterValue
{
    private FilterValue()
    {
    }

    /// <summary>A quoted text, without its quotes; nothing in it is an escape.</summary>
    public sealed record Text(string Value) : FilterValue
    {
        /// <inheritdoc/>
        public override string ToString() => $"'{Value}'";
    }

    /// <summary>A bare number, as it was written.</summary>
    public sealed record Number(string Raw) : FilterValue
    {
        /// <summary>Its value; infinite when it is beyond what a double holds.</summary>
        public double Value => double.Parse(Raw, NumberStyles.Float, CultureInfo.InvariantCulture);

        /// <inheritdoc/>
        public override string ToString() => Raw;
    }

    /// <summary>Quoted texts in parentheses, at least one.</summary>
    public sealed record List(IReadOnlyList<string> Values) : FilterValue
    {
        /// <inheritdoc/>
        public override string ToString() => $"({string.Join(", ", Values.Select(value => $"'{value}'"))})";
    }

    /// <summary>A word that is neither quoted nor a number: no value of anything, kept for the message.</summary>
    public sealed record Bare(string Raw) : FilterValue
    {
        /// <inheritdoc/>
        public override string ToString() => Raw;
    }
}
