using System.Globalization;
using DuckDB.NET.Data;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>Writes the held-out rows as both models scored them: what the gate recomputes its numbers from, and monitoring's reference.</summary>
internal static class ScoredRowsFile
{
    private const int Format = 1;

    /// <summary>Columns prediction_id, event_time, label, challenger, champion (null when there is none), then the challenger's inputs.</summary>
    public static void Write(
        string path, PreparedRows rows, ModelSignature signature, double[] challenger, double[]? champion, int championVersion)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var inputs = signature.Inputs.Select(input => rows.Table.Find(input.Name)!).ToArray();
        var columns = string.Concat(signature.Inputs.Select(input =>
            $", {Sandbox.Name(input.Name)} {(input.Kind == ColumnKind.Numeric ? "DOUBLE" : "VARCHAR")}"));
        Execute(connection, $"CREATE TABLE scored (prediction_id VARCHAR, event_time TIMESTAMP, label DOUBLE, challenger DOUBLE, champion DOUBLE{columns})");
        Append(connection, rows, signature, inputs, challenger, champion);
        Execute(connection, string.Create(
            CultureInfo.InvariantCulture,
            $"COPY scored TO {Sandbox.Quote(path)} (FORMAT parquet, KV_METADATA {{champion_version: '{championVersion}', format: '{Format}'}})"));
    }

    private static void Append(
        DuckDBConnection connection, PreparedRows rows, ModelSignature signature, TableColumn[] inputs, double[] challenger, double[]? champion)
    {
        var labels = rows.Table.Numbers(signature.Output).Span;
        using var appender = connection.CreateAppender("scored");
        for (var i = 0; i < rows.Count; i++)
        {
            var row = appender.CreateRow();
            row.AppendValue(rows.Ids[i]).AppendValue(rows.Times[i]).AppendValue(labels[i]).AppendValue(challenger[i]);
            Append(row, champion?[i] ?? double.NaN);
            foreach (var input in inputs)
            {
                Append(row, input, i);
            }

            row.EndRow();
        }
    }

    private static void Append(IDuckDBAppenderRow row, TableColumn column, int i)
    {
        switch (column)
        {
            case TableColumn.Numeric numeric:
                Append(row, numeric.Values.Span[i]);
                break;
            case TableColumn.Categorical categorical when categorical.Codes.Span[i] is var code and >= 0:
                row.AppendValue(categorical.Dictionary[code]);
                break;
            default:
                row.AppendNullValue();
                break;
        }
    }

    private static void Append(IDuckDBAppenderRow row, double value)
    {
        if (double.IsNaN(value))
        {
            row.AppendNullValue();
        }
        else
        {
            row.AppendValue(value);
        }
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
