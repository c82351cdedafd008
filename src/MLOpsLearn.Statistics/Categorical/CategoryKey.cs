using System.Globalization;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>
/// A category with its type: 1 and 1.0 are one category, 1 and "1" two, true and 1 two. Text is compared by code points, which
/// is also the order of its UTF-8 bytes. Numbers sort before truth values, those before text, then
/// what is taken together, and null (where it counts as a category) last.
/// </summary>
public readonly record struct CategoryKey : IComparable<CategoryKey>
{
    private readonly Kind _kind;

    // What a whole number above 2^53 has more than the nearest double: keeps it apart from its neighbours.
    private readonly int _rest;
    private readonly double _number;
    private readonly string? _text;

    private CategoryKey(Kind kind, double number, string? text, int rest = 0) => (_kind, _number, _text, _rest) = (kind, number, text, rest);

    private enum Kind
    {
        Number,
        Boolean,
        Text,
        Other,
        Null,
    }

    /// <summary>Whether the category is text.</summary>
    public bool IsText => _kind == Kind.Text;

    /// <summary>The category of missing values; equal to no real value.</summary>
    public static CategoryKey Null => new(Kind.Null, 0, null);

    /// <summary>All categories that are taken together; equal to no real value.</summary>
    public static CategoryKey Other => new(Kind.Other, 0, null);

    /// <summary>A text category.</summary>
    public static implicit operator CategoryKey(string text) => Of(text);

    /// <summary>A text category.</summary>
    public static CategoryKey Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(Kind.Text, 0, text);
    }

    /// <summary>A numeric category.</summary>
    public static CategoryKey Of(double number) => new(Kind.Number, number + 0.0, null);

    /// <summary>A whole number, exact also above 2^53, where doubles skip numbers; equal to <see cref="Of(double)"/> of the same value.</summary>
    public static CategoryKey Of(long number)
    {
        var nearest = (double)number;
        return new(Kind.Number, nearest, null, (int)((Int128)number - (Int128)nearest));
    }

    /// <summary>A truth value.</summary>
    public static CategoryKey Of(bool value) => new(Kind.Boolean, value ? 1 : 0, null);

    /// <inheritdoc/>
    public int CompareTo(CategoryKey other) =>
        _kind != other._kind ? _kind.CompareTo(other._kind)
        : _kind == Kind.Text ? CompareCodePoints(_text!, other._text!)
        : _number.CompareTo(other._number) is var order && order != 0 ? order
        : _rest.CompareTo(other._rest);

    /// <summary>The category as people write it.</summary>
    public override string ToString() => _kind switch
    {
        Kind.Text => _text!,
        Kind.Boolean => _number == 1 ? "true" : "false",
        Kind.Null => "null",
        Kind.Other => "<other>",
        Kind.Number when Math.Abs(_number) is >= 1e15 and < 1e19 => ((Int128)_number + _rest).ToString(CultureInfo.InvariantCulture),
        _ => _number.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Order of two categories.</summary>
    public static bool operator <(CategoryKey left, CategoryKey right) => left.CompareTo(right) < 0;

    /// <summary>Order of two categories.</summary>
    public static bool operator >(CategoryKey left, CategoryKey right) => left.CompareTo(right) > 0;

    /// <summary>Order of two categories.</summary>
    public static bool operator <=(CategoryKey left, CategoryKey right) => left.CompareTo(right) <= 0;

    /// <summary>Order of two categories.</summary>
    public static bool operator >=(CategoryKey left, CategoryKey right) => left.CompareTo(right) >= 0;

    private static int CompareCodePoints(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);
        return same == left.Length || same == right.Length ? left.Length.CompareTo(right.Length) : Place(left[same]).CompareTo(Place(right[same]));

        // A surrogate stands for a code point above all that one unit can hold.
        static int Place(char unit) => char.IsSurrogate(unit) ? unit + char.MaxValue : unit;
    }
}
