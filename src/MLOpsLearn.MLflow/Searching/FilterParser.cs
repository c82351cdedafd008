using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Searching;

/// <summary>
/// Reads the filters of MLflow's searches: clauses joined by AND. The wider grammar, for our own API only, adds OR and parentheses; a client of
/// the original gets the refusals that it knows. What the fields and operators are is the caller's business.
/// </summary>
public sealed class FilterParser
{
    private const int MostCharacters = 32_000;
    private const int MostClauses = 200;
    private const int DeepestNesting = 50;
    private readonly string _filter;
    private readonly bool _isWide;
    private readonly List<Token> _tokens;
    private int _next;
    private int _clauses;

    private FilterParser(string filter, bool isWide)
    {
        (_filter, _isWide) = (filter, isWide);
        _tokens = FilterTokens.Cut(filter);
    }

    private Token Current => _tokens[_next];

    /// <summary>The filter; null when <paramref name="filter"/> is null or empty, which lets everything through.</summary>
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE that shows the place.</exception>
    public static FilterNode? Parse(string? filter, bool isWide = false)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return null;
        }

        if (filter.Length > MostCharacters)
        {
            throw MLflowException.Invalid($"Invalid filter: it must have at most {MostCharacters} characters, has {filter.Length}.");
        }

        var parser = new FilterParser(filter, isWide);
        var node = parser.ReadOr(0);
        return parser.Current.Kind == TokenKind.End ? node : throw parser.Unexpected();
    }

    private FilterNode ReadOr(int depth)
    {
        var parts = new List<FilterNode> { ReadAnd(depth) };
        while (_isWide && Current.Is("OR"))
        {
            _next++;
            parts.Add(ReadAnd(depth));
        }

        return parts.Count == 1 ? parts[0] : new FilterNode.Or(parts);
    }

    private FilterNode ReadAnd(int depth)
    {
        var parts = new List<FilterNode> { ReadClause(depth) };
        while (true)
        {
            if (Current.Is("AND"))
            {
                _next++;
            }
            else if (Current.Kind is not (TokenKind.Word or TokenKind.QuotedWord) || Current.Is("OR"))
            {
                // Two clauses side by side count as joined by AND, as the original has it.
                return parts.Count == 1 ? parts[0] : new FilterNode.And(parts);
            }

            parts.Add(ReadClause(depth));
        }
    }

    private FilterNode ReadClause(int depth)
    {
        if (_isWide && Current.Kind == TokenKind.Open)
        {
            if (depth >= DeepestNesting)
            {
                throw MLflowException.Invalid($"Invalid clause(s) in filter string: parentheses are nested more than {DeepestNesting} deep at position {Current.Position}.");
            }

            _next++;
            var inner = ReadOr(depth + 1);
            Expect(TokenKind.Close);
            return inner;
        }

        if (++_clauses > MostClauses)
        {
            throw MLflowException.Invalid($"Invalid clause(s) in filter string: there must be at most {MostClauses} clauses.");
        }

        var position = Current.Position;
        var (entity, key) = ReadIdentifier();
        var op = ReadOperator();
        return new FilterNode.Comparison(entity, key, op, op is "IS NULL" or "IS NOT NULL" ? null : ReadValue(), position);
    }

    private (string Entity, string Key) ReadIdentifier()
    {
        var token = Current;
        if (token.Kind is not (TokenKind.Word or TokenKind.QuotedWord) || token.Is("AND") || token.Is("OR") || token.Is("NOT"))
        {
            throw Unexpected();
        }

        _next++;
        var raw = token.Raw;
        var quote = raw.IndexOfAny(['`', '"']);
        var dot = raw.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || (quote >= 0 && quote < dot))
        {
            return ("", Unquote(raw));
        }

        return (raw[..dot], Unquote(raw[(dot + 1)..]));
    }

    private string ReadOperator()
    {
        var token = Current;
        if (token.Kind == TokenKind.Operator)
        {
            _next++;
            return token.Raw;
        }

        var words = token.Raw.ToUpperInvariant();
        if (token.Kind != TokenKind.Word || words is not ("LIKE" or "ILIKE" or "IN" or "NOT" or "IS"))
        {
            throw Unexpected();
        }

        _next++;
        if (words == "NOT")
        {
            return ReadWord("IN", "NOT IN");
        }

        if (words != "IS")
        {
            return words;
        }

        if (Current.Is("NOT"))
        {
            _next++;
            return ReadWord("NULL", "IS NOT NULL");
        }

        return ReadWord("NULL", "IS NULL");
    }

    private string ReadWord(string word, string result)
    {
        if (!Current.Is(word))
        {
            throw Unexpected();
        }

        _next++;
        return result;
    }

    private FilterValue ReadValue()
    {
        var token = Current;
        _next++;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new FilterValue.Text(token.Raw[1..^1]);
            case TokenKind.Number:
                return new FilterValue.Number(token.Raw);
            case TokenKind.Word or TokenKind.QuotedWord:
                return new FilterValue.Bare(token.Raw);
            case TokenKind.Open:
                return ReadList();
            default:
                _next--;
                throw Unexpected();
        }
    }

    private FilterValue.List ReadList()
    {
        var values = new List<string>();
        do
        {
            if (Current.Kind != TokenKind.Text)
            {
                throw MLflowException.Invalid(
                    $"While parsing a list in the query, expected a non-empty list of quoted strings, got '{FilterTokens.Rest(_filter, Current.Position)}' at position {Current.Position}.");
            }

            values.Add(Current.Raw[1..^1]);
            _next++;
        }
        while (TakeComma());

        Expect(TokenKind.Close);
        return new FilterValue.List(values);
    }

    private bool TakeComma()
    {
        if (Current.Kind != TokenKind.Comma)
        {
            return false;
        }

        _next++;
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (Current.Kind != kind)
        {
            throw Unexpected();
        }

        _next++;
    }

    private MLflowException Unexpected() => MLflowException.Invalid(Current.Kind == TokenKind.End
        ? $"Invalid clause(s) in filter string: it ends too early, at position {Current.Position}."
        : $"Invalid clause(s) in filter string: '{FilterTokens.Rest(_filter, Current.Position)}' at position {Current.Position}.");

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == text[^1] && text[0] is '`' or '"' ? text[1..^1] : text;
}
