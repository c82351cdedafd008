using System.Runtime.InteropServices;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Capture;

/// <summary>Puts tables of equal columns one below the other.</summary>
internal static class TableJoin
{
    public static ColumnTable Join(IReadOnlyList<ColumnTable> tables)
    {
        var rows = tables.Sum(table => table.Rows);
        var columns = new TableColumn[tables[0].Columns.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = tables[0].Columns[i] is TableColumn.Numeric
                ? JoinNumbers(tables, i, rows)
                : JoinCategories(tables, i, rows);
        }

        return new ColumnTable(columns);
    }

    private static TableColumn.Numeric JoinNumbers(IReadOnlyList<ColumnTable> tables, int index, int rows)
    {
        var values = new double[rows];
        var at = 0;
        foreach (var table in tables)
        {
            var source = ((TableColumn.Numeric)table.Columns[index]).Values.Span;
            source.CopyTo(values.AsSpan(at));
            at += source.Length;
        }

        return new TableColumn.Numeric(tables[0].Columns[index].Name, values);
    }

    /// <summary>
    /// Each category that a row has is looked up once; the rows are then recoded by index. What no row has is left out: a part of a large
    /// request must not carry the categories of the whole.
    /// </summary>
    private static TableColumn.Categorical JoinCategories(IReadOnlyList<ColumnTable> tables, int index, int rows)
    {
        var codes = new int[rows];
        var dictionary = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var at = 0;
        foreach (var table in tables)
        {
            var source = (TableColumn.Categorical)table.Columns[index];
            var recoded = new int[source.Dictionary.Count];
            recoded.AsSpan().Fill(-1);
            foreach (var code in source.Codes.Span)
            {
                if (code >= 0 && recoded[code] < 0)
                {
                    recoded[code] = CodeOf(source.Dictionary[code], known, dictionary);
                }

                codes[at++] = code < 0 ? -1 : recoded[code];
            }
        }

        return new TableColumn.Categorical(tables[0].Columns[index].Name, codes, dictionary);
    }

    private static int CodeOf(string text, Dictionary<string, int> known, List<string> dictionary)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(known, text, out var exists);
        if (!exists)
        {
            code = dictionary.Count;
            dictionary.Add(text);
        }

        return code;
    }
}
