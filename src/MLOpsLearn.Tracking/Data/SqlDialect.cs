using System.Text.Json;

namespace MLOpsLearn.Tracking.Data;

/// <summary>The few places where the two databases want other words.</summary>
internal abstract class SqlDialect
{
    private const int IndexedCharacters = 200;

    private SqlDialect()
    {
    }

    /// <summary>The beginning of a text, as <see cref="Beginning"/> cuts it: a character may be two of our units.</summary>
    public static string BeginningOf(string text) =>
        text.Length <= IndexedCharacters ? text : string.Concat(text.EnumerateRunes().Take(IndexedCharacters).Select(rune => rune.ToString()));

    /// <summary>Whether no other text has the same beginning.</summary>
    public static bool IsWholeBeginning(string text) => text.Length < IndexedCharacters;

    /// <summary>Begins a transaction that may write.</summary>
    public abstract string Begin { get; }

    /// <summary>Whether each statement is a question to another process.</summary>
    public abstract bool HasRoundTrips { get; }

    /// <summary>Joins what follows to what stands before, from left to right if the database can't tell which is smaller.</summary>
    public abstract string JoinInOrder { get; }

    /// <summary>Makes text sort by the characters' codes.</summary>
    public abstract string ByCode { get; }

    /// <summary>The condition that a column is in the list of a parameter made by <see cref="List(IReadOnlyCollection{long})"/>.</summary>
    public abstract string InNumbers(string column, string parameter);

    /// <summary>The same for a list of texts.</summary>
    public abstract string InTexts(string column, string parameter);

    /// <summary>The beginning of a text as the indexes on values have it.</summary>
    public abstract string Beginning(string text);

    /// <summary>The same expression, for which no index is looked for where the database can't tell how few rows it leaves.</summary>
    public abstract string Unindexed(string expression);

    /// <summary>A table that is read along an index, where the database would rather look up some rows and sort them, however many they may be.</summary>
    public abstract string Along(string table, string index);

    /// <summary>The condition of LIKE with "%" and "_" and no other special character.</summary>
    public abstract string Like(string text, string parameter, bool ignoreCase);

    /// <summary>A parameter that holds numbers.</summary>
    public abstract object List(IReadOnlyCollection<long> numbers);

    /// <summary>A parameter that holds texts.</summary>
    public abstract object List(IReadOnlyCollection<string> texts);

    internal sealed class Sqlite : SqlDialect
    {
        public override string Begin => "BEGIN IMMEDIATE";

        public override bool HasRoundTrips => false;

        public override string JoinInOrder => "CROSS JOIN";

        public override string ByCode => "COLLATE BINARY";

        public override string InNumbers(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

        public override string InTexts(string column, string parameter) => $"{column} IN (SELECT value FROM json_each({parameter}))";

        public override string Beginning(string text) => $"substr({text}, 1, {IndexedCharacters})";

        public override string Unindexed(string expression) => "+" + expression;

        public override string Along(string table, string index) => $"{table} INDEXED BY \"{index}\"";

        public override string Like(string text, string parameter, bool ignoreCase) => $"mlops_like({text}, {parameter}, {(ignoreCase ? 1 : 0)})";

        public override object List(IReadOnlyCollection<long> numbers) => JsonSerializer.Serialize(numbers);

        public override object List(IReadOnlyCollection<string> texts) => JsonSerializer.Serialize(texts);
    }

    internal sealed class Postgres : SqlDialect
    {
        public override string Begin => "BEGIN";

        public override bool HasRoundTrips => true;

        public override string JoinInOrder => "JOIN";

        public override string ByCode => "COLLATE \"C\"";

        public override string InNumbers(string column, string parameter) => $"{column} = ANY({parameter})";

        public override string InTexts(string column, string parameter) => $"{column} = ANY({parameter})";

        public override string Beginning(string text) => $"(left({text}, {IndexedCharacters}) COLLATE \"C\")";

        public override string Unindexed(string expression) => expression;

        public override string Along(string table, string index) => table;

        public override string Like(string text, string parameter, bool ignoreCase) => $"{text} {(ignoreCase ? "ILIKE" : "LIKE")} {parameter} ESCAPE ''";

        public override object List(IReadOnlyCollection<long> numbers) => numbers.ToArray();

        public override object List(IReadOnlyCollection<string> texts) => texts.ToArray();
    }
}
