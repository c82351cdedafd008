using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Searching;

/// <summary>The pieces of a filter.</summary>
internal enum TokenKind
{
    Word,
    QuotedWord,
    Text,
    Number,
    Operator,
    Open,
    Close,
    Comma,
    End,
}

/// <summary>One piece: what it is, its characters, and where it begins.</summary>
internal readonly record struct Token(TokenKind Kind, string Raw, int Position)
{
    public bool Is(string word) => Kind == TokenKind.Word && string.Equals(Raw, word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Cuts a filter into pieces.</summary>
internal static partial class FilterTokens
{
    public static List<Token> Cut(string filter)
    {
        var tokens = new List<Token>();
        var at = 0;
        while (at < filter.Length)
        {
            if (char.IsWhiteSpace(filter[at]))
            {
                at++;
                continue;
            }

            var match = Piece().Match(filter, at);
            if (!match.Success)
            {
                throw MLflowException.Invalid($"Invalid clause(s) in filter string: '{Rest(filter, at)}' at position {at}.");
            }

            tokens.Add(new Token(KindOf(match), match.Value, at));
            at += match.Length;
        }

        tokens.Add(new Token(TokenKind.End, "", filter.Length));
        return tokens;
    }

    /// <summary>What stands from a position on, shortened for a message.</summary>
    public static string Rest(string filter, int position) => filter.Length - position <= 60 ? filter[position..] : filter[position..(position + 60)] + "…";

    private static TokenKind KindOf(Match match) =>
        match.Groups["text"].Success ? TokenKind.Text
        : match.Groups["number"].Success ? TokenKind.Number
        : match.Groups["quoted"].Success ? TokenKind.QuotedWord
        : match.Groups["word"].Success ? TokenKind.Word
        : match.Groups["operator"].Success ? TokenKind.Operator
        : match.Value switch { "(" => TokenKind.Open, ")" => TokenKind.Close, _ => TokenKind.Comma };

    // A doubled or backslashed quote doesn't end a text, and stays in it as it is: that is how the original cuts, and what clients rely on.
    // A word may have a quoted part after its first dot: tags.`my key`, tags."my key".
    [GeneratedRegex(
        """
        \G(?:
        (?<text>'(?:''|\\'|[^'])*' | "(?:""|\\"|[^"])*")
        | (?<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]))
        | (?<quoted>(?:[\w]+\.)?(?:`[^`]*`|(?<=\.)"[^"]*"))
        | (?<word>[\w][\w.]*)
        | (?<operator>[=<>!~]+)
        | [(),])
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex Piece();
}
