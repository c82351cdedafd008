using System.Globalization;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Search;

/// <summary>Takes names, operators and values off a filter's text, from left to right.</summary>
internal sealed class FilterScanner(string text)
{
    private static readonly string[] Signs = ["!=", "<=", ">=", "<>", "=", "<", ">"];

    private int _at;

    /// <summary>Where the next thing begins, counted from 1.</summary>
    public int Position => SkipBlanks() + 1;

    public bool AtEnd => SkipBlanks() == text.Length;

    public bool IsAt(char c) => SkipBlanks() < text.Length && text[_at] == c;

    public void Take(char c)
    {
        if (IsAt(c))
        {
            _at++;
        }
    }

    public bool IsAtName() => SkipBlanks() < text.Length && (IsWordPart(text[_at]) || text[_at] is '`' or '"');

    public bool IsWord(string word)
    {
        SkipBlanks();
        var end = _at + word.Length;
        return end <= text.Length && text.AsSpan(_at, word.Length).Equals(word, StringComparison.OrdinalIgnoreCase) && (end == text.Length || !IsWordPart(text[end]))
            // A name may begin like a keyword.
            && !(end < text.Length && text[end] == '.');
    }

    public bool TryWord(string word)
    {
        if (!IsWord(word))
        {
            return false;
        }

        _at += word.Length;
        return true;
    }

    /// <summary>An entity and a key, or a key alone; either may stand in backticks or double quotes.</summary>
    public FilterName ReadName()
    {
        var start = Position;
        var first = ReadPart(withDots: false);
        if (_at == text.Length || text[_at] != '.')
        {
            return new FilterName(null, first, start);
        }

        _at++;
        if (_at == text.Length || !(IsWordPart(text[_at]) || text[_at] is '`' or '"'))
        {
            throw Error($"Expected a key after '{first}.'");
        }

        return new FilterName(first, ReadPart(withDots: true), start);
    }

    /// <summary>An operator in capitals; null when there is none here.</summary>
    public string? ReadOperator()
    {
        SkipBlanks();
        foreach (var sign in Signs)
        {
            if (text.AsSpan(_at).StartsWith(sign, StringComparison.Ordinal))
            {
                _at += sign.Length;
                return sign;
            }
        }

        if (TryWord("LIKE"))
        {
            return "LIKE";
        }

        if (TryWord("ILIKE"))
        {
            return "ILIKE";
        }

        if (TryWord("IN"))
        {
            return "IN";
        }

        if (TryWord("NOT"))
        {
            return TryWord("IN") ? "NOT IN" : throw Error("Expected IN after NOT");
        }

        if (!TryWord("IS"))
        {
            return null;
        }

        var not = TryWord("NOT");
        return !TryWord("NULL") ? throw Error("Expected NULL after IS") : not ? "IS NOT NULL" : "IS NULL";
    }

    /// <param name="clauseStart">Where the clause began, for messages.</param>
    public FilterValue ReadValue(int clauseStart)
    {
        var start = Position;
        if (AtEnd)
        {
            throw InvalidClause(clauseStart);
        }

        var c = text[_at];
        if (c is '\'' or '"')
        {
            return new FilterValue(FilterValueKind.Text, ReadQuoted(c), [], start);
        }

        if (c == '(')
        {
            return new FilterValue(FilterValueKind.Texts, "", ReadTexts(), start);
        }

        var begin = _at;
        while (_at < text.Length && (IsWordPart(text[_at]) || text[_at] is '.' || (text[_at] is '-' or '+' && (_at == begin || text[_at - 1] is 'e' or 'E'))))
        {
            _at++;
        }

        var word = text[begin.._at];
        return word.Length == 0 ? throw InvalidClause(clauseStart)
            : new FilterValue(IsNumber(word) ? FilterValueKind.Number : FilterValueKind.Word, word, [], start);
    }

    public MLflowException InvalidClause(int? start = null)
    {
        var position = start ?? Position;
        return MLflowException.Invalid($"Invalid clause(s) in filter string: '{Rest(position)}' (at character {position})");
    }

    public MLflowException Error(string what) => MLflowException.Invalid($"Invalid filter: {what} at character {Position}, before '{Rest(Position)}'.");

    private static bool IsNumber(string word) =>
        word[^1] is not ('e' or 'E') && (char.IsAsciiDigit(word[^1]) || word[^1] == '.')
        && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c == '_';

    private string ReadPart(bool withDots)
    {
        if (text[_at] is '`' or '"')
        {
            return ReadQuoted(text[_at]);
        }

        var begin = _at;
        while (_at < text.Length && (IsWordPart(text[_at]) || (withDots && text[_at] == '.')))
        {
            _at++;
        }

        return text[begin.._at];
    }

    /// <summary>There is no way to write the quote itself: two of them, or a backslash before it, stay as they are.</summary>
    private string ReadQuoted(char quote)
    {
        var begin = ++_at;
        while (_at < text.Length)
        {
            if (text[_at] == quote)
            {
                if (quote == '`' || _at + 1 == text.Length || text[_at + 1] != quote)
                {
                    return text[begin.._at++];
                }

                _at++;
            }
            else if (text[_at] == '\\' && quote != '`' && _at + 1 < text.Length && text[_at + 1] == quote)
            {
                _at++;
            }

            _at++;
        }

        _at = text.Length;
        throw MLflowException.Invalid($"Invalid clause(s) in filter string: '{Rest(begin)}' (at character {begin}: the quote is never closed)");
    }

    private List<string> ReadTexts()
    {
        Take('(');
        var texts = new List<string>();
        while (!IsAt(')'))
        {
            if (!IsAt('\'') && !IsAt('"'))
            {
                throw Error("While parsing a list in the query, expected string value, punctuation, or whitespace");
            }

            texts.Add(ReadQuoted(text[_at]));
            if (!IsAt(')'))
            {
                if (!IsAt(','))
                {
                    throw Error("Expected ',' or ')'");
                }

                Take(',');
            }
        }

        Take(')');
        return texts.Count > 0 ? texts : throw Error("While parsing a list in the query, expected a non-empty list of string values");
    }

    private int SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return _at;
    }

    private string Rest(int position)
    {
        var begin = Math.Min(Math.Max(position - 1, 0), text.Length);
        return text.Length - begin <= 100 ? text[begin..] : text[begin..(begin + 100)] + "…";
    }
}
