using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Search;

/// <summary>One entry of "order_by": a name, and a direction.</summary>
public sealed record OrderBy(FilterName Name, bool Ascending)
{
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public static OrderBy Parse(string text)
    {
        var scanner = new FilterScanner(text);
        if (!scanner.IsAtName())
        {
            throw NotParsed(text);
        }

        var name = scanner.ReadName();
        if (scanner.AtEnd)
        {
            return new OrderBy(name, Ascending: true);
        }

        var ascending = scanner.TryWord("ASC");
        if (!ascending && !scanner.TryWord("DESC"))
        {
            throw MLflowException.Invalid($"Invalid ordering key in order_by clause '{text}'.");
        }

        return scanner.AtEnd ? new OrderBy(name, ascending) : throw NotParsed(text);
    }

    private static MLflowException NotParsed(string text) => MLflowException.Invalid($"Invalid order_by clause '{text}'. Could not be parsed.");
}
