using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Search;

/// <summary>
/// Reads MLflow's filters: clauses joined by AND. Extended ones, which a client has to ask for, also have OR, which binds less, and
/// parentheses. What a clause may compare is for the reader of the tree to say.
/// </summary>
public sealed class FilterParser
{
    private const int MostClauses = 500;
    private const int DeepestNesting = 50;

    private readonly FilterScanner _scanner;
    private readonly bool _extended;
    private int _clauses;

    private FilterParser(string text, bool extended) => (_scanner, _extended) = (new FilterScanner(text), extended);

    /// <summary>The tree of a filter; null for an empty one.</summary>
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE that shows the place.</exception>
    public static FilterNode? Parse(string? text, bool extended = false)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.AsSpan().Trim().IsEmpty)
        {
            throw MLflowException.Invalid($"Invalid filter '{text}'. Could not be parsed.");
        }

        var parser = new FilterParser(text, extended);
        var node = parser.ReadAny(0);
        return parser._scanner.AtEnd ? node : throw parser._scanner.InvalidClause();
    }

    private FilterNode ReadAny(int depth)
    {
        var nodes = new List<FilterNode> { ReadAll(depth) };
        while (_extended && _scanner.TryWord("OR"))
        {
            nodes.Add(ReadAll(depth));
        }

        return nodes is [var only] ? only : new FilterNode.Any(nodes);
    }

    private FilterNode ReadAll(int depth)
    {
        var nodes = new List<FilterNode> { ReadOne(depth) };
        while (true)
        {
            if (_scanner.TryWord("AND"))
            {
                nodes.Add(ReadOne(depth));
            }
            else if (_scanner.AtEnd || _scanner.IsAt(')') || _scanner.IsWord("OR") || !_scanner.IsAtName())
            {
                break;
            }
            else
            {
                // The original takes two clauses side by side as joined.
                nodes.Add(ReadOne(depth));
            }
        }

        return nodes is [var only] ? only : new FilterNode.All(nodes);
    }

    private FilterNode ReadOne(int depth)
    {
        if (_extended && _scanner.IsAt('('))
        {
            if (depth == DeepestNesting)
            {
                throw _scanner.Error($"Parentheses are nested more than {DeepestNesting} deep");
            }

            _scanner.Take('(');
            var node = ReadAny(depth + 1);
            return _scanner.IsAt(')') ? Close(node) : throw _scanner.Error("Expected ')'");
        }

        if (++_clauses > MostClauses)
        {
            throw MLflowException.Invalid($"A filter takes at most {MostClauses} clauses.");
        }

        if (!_scanner.IsAtName() || _scanner.IsWord("AND") || _scanner.IsWord("OR") || _scanner.IsWord("NOT"))
        {
            throw _scanner.InvalidClause();
        }

        var start = _scanner.Position;
        var name = _scanner.ReadName();
        if (_scanner.ReadOperator() is not { } comparison)
        {
            throw _scanner.InvalidClause(start);
        }

        return new FilterNode.Clause(name, comparison, comparison.StartsWith("IS", StringComparison.Ordinal)
            ? new FilterValue(FilterValueKind.None, "", [], _scanner.Position)
            : _scanner.ReadValue(start));
    }

    private FilterNode Close(FilterNode node)
    {
        _scanner.Take(')');
        return node;
    }
}
