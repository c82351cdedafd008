using System.Globalization;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>
/// The value of a generated case as a function of the uniform number u: numbers, u, parameters of the case by name, + - * /, brackets and
/// floor(). Evaluated in the order it is written, since every rounding counts.
/// </summary>
internal sealed class Formula
{
    // Brackets nest this deep at most, so that a hostile case can't exhaust the stack.
    private const int Deepest = 64;
    private readonly string _text;
    private readonly JsonNode _parameters;
    private int _at;
    private int _depth;

    private Formula(string text, JsonNode parameters) => (_text, _parameters) = (text.Replace(" ", string.Empty, StringComparison.Ordinal), parameters);

    /// <exception cref="NotSupportedException">The text is no such formula.</exception>
    public static Func<double, double> Parse(string text, JsonNode parameters)
    {
        var formula = new Formula(text, parameters);
        var sum = formula.Sum();
        return formula._at == formula._text.Length ? sum : throw formula.Unknown();
    }

    private Func<double, double> Sum()
    {
        var left = Product();
        while (Next() is '+' or '-')
        {
            var (plus, before) = (_text[_at++] == '+', left);
            var right = Product();
            left = plus ? u => before(u) + right(u) : u => before(u) - right(u);
        }

        return left;
    }

    private Func<double, double> Product()
    {
        var left = Factor();
        while (Next() is '*' or '/')
        {
            var (times, before) = (_text[_at++] == '*', left);
            var right = Factor();
            left = times ? u => before(u) * right(u) : u => before(u) / right(u);
        }

        return left;
    }

    private Func<double, double> Factor()
    {
        if (Next() == '-')
        {
            _at++;
            var inner = Nested(Factor);
            return u => -inner(u);
        }

        if (Next() == '(')
        {
            return Bracket();
        }

        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '.' or '_' || (_text[_at] is '+' or '-' && IsExponent(start))))
        {
            _at++;
        }

        var word = _text[start.._at];
        if (word == "floor" && Next() == '(')
        {
            var inner = Bracket();
            return u => Math.Floor(inner(u));
        }

        return word == "u" ? static u => u
            : double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? _ => number
            : _parameters[word] is JsonValue value && value.TryGetValue(out double parameter) ? _ => parameter
            : throw Unknown();
    }

    private Func<double, double> Bracket()
    {
        _at++;
        var inner = Nested(Sum);
        return Next() == ')' && _at++ >= 0 ? inner : throw Unknown();
    }

    private Func<double, double> Nested(Func<Func<double, double>> part)
    {
        if (++_depth > Deepest)
        {
            throw Unknown();
        }

        var parsed = part();
        _depth--;
        return parsed;
    }

    // The sign of 1e-5 belongs to the number.
    private bool IsExponent(int start) => _at > start && _text[_at - 1] is 'e' or 'E' && char.IsAsciiDigit(_text[start]);

    private char Next() => _at < _text.Length ? _text[_at] : '\0';

    private NotSupportedException Unknown() => new($"Unknown formula '{_text}'.");
}
