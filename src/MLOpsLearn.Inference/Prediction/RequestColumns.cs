using System.Globalization;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>Turns the columns of a request into what a model scores, and refuses what does not fit its signature.</summary>
internal static class RequestColumns
{
    public const int MaxRows = 10_000;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT that names every column at fault.</exception>
    public static ColumnTable Read(PredictRequest request, ModelSignature signature)
    {
        var checks = new FieldChecks();
        var inputs = signature.Inputs.ToDictionary(input => input.Name, StringComparer.Ordinal);
        var columns = new Dictionary<string, TableColumn>(StringComparer.Ordinal);
        var rows = request.Columns.Count == 0 ? 0 : CountOf(request.Columns[0]);
        checks.Require(rows is > 0 and <= MaxRows, "columns", rows, $"must hold 1 to {MaxRows} rows");
        for (var i = 0; i < request.Columns.Count; i++)
        {
            var column = request.Columns[i];
            if (!inputs.TryGetValue(column.Name, out var input))
            {
                checks.Fault($"columns[{i}].name", column.Name, $"must be one of the model's inputs: {string.Join(", ", inputs.Keys)}");
            }
            else if (CountOf(column) != rows)
            {
                checks.Fault($"columns[{i}].values", CountOf(column), $"must hold {rows} rows, as the first column does");
            }
            else if ((input.Kind == ColumnKind.Numeric ? Numbers(column) : Categories(column)) is not { } read)
            {
                checks.Fault($"columns[{i}].values", column.ValuesCase, input.Kind == ColumnKind.Numeric ? "must be finite numbers (NaN for missing)" : "must be texts, or whole numbers");
            }
            else if (!columns.TryAdd(column.Name, read))
            {
                checks.Fault($"columns[{i}].name", column.Name, "must come once");
            }
        }

        foreach (var input in signature.Inputs.Where(input => !columns.ContainsKey(input.Name) && request.Columns.All(column => column.Name != input.Name)))
        {
            checks.Require(!input.Required, "columns", input.Name, "must have every required input of the model");
        }

        checks.ThrowIfAny();
        return new ColumnTable([.. signature.Inputs.Select(input => columns.GetValueOrDefault(input.Name) ?? Missing(input, rows))]);
    }

    private static int CountOf(InputColumn column) => column.ValuesCase switch
    {
        InputColumn.ValuesOneofCase.Doubles => column.Doubles.Values.Count,
        InputColumn.ValuesOneofCase.Int64S => column.Int64S.Values.Count,
        InputColumn.ValuesOneofCase.Strings => column.Strings.Values.Count,
        _ => 0,
    };

    private static TableColumn Missing(SignatureInput input, int rows)
    {
        if (input.Kind == ColumnKind.Numeric)
        {
            var values = new double[rows];
            values.AsSpan().Fill(double.NaN);
            return new TableColumn.Numeric(input.Name, values);
        }

        var codes = new int[rows];
        codes.AsSpan().Fill(-1);
        return new TableColumn.Categorical(input.Name, codes, []);
    }

    private static TableColumn? Numbers(InputColumn column)
    {
        var values = new double[CountOf(column)];
        switch (column.ValuesCase)
        {
            case InputColumn.ValuesOneofCase.Doubles:
                column.Doubles.Values.CopyTo(values, 0);
                return values.AsSpan().ContainsAny(double.PositiveInfinity, double.NegativeInfinity) ? null : new TableColumn.Numeric(column.Name, values);
            case InputColumn.ValuesOneofCase.Int64S:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = column.Int64S.Values[i];
                }

                return new TableColumn.Numeric(column.Name, values);
            default:
                return null;
        }
    }

    private static TableColumn? Categories(InputColumn column)
    {
        switch (column.ValuesCase)
        {
            case InputColumn.ValuesOneofCase.Int64S:
                return Coded(column.Name, column.Int64S.Values, number => number.ToString(CultureInfo.InvariantCulture), _ => false);
            case InputColumn.ValuesOneofCase.Doubles when column.Doubles.Values.All(value => double.IsNaN(value) || (Math.Abs(value) < 1e15 && Math.Floor(value) == value)):
                return Coded(column.Name, column.Doubles.Values, number => ((long)number).ToString(CultureInfo.InvariantCulture), double.IsNaN);
            case InputColumn.ValuesOneofCase.Strings:
                return Coded(column.Name, column.Strings.Values, text => text, text => text.Length == 0);
            default:
                return null;
        }
    }

    /// <summary>One text for each distinct value, however many rows have it.</summary>
    private static TableColumn.Categorical Coded<T>(string name, IReadOnlyList<T> values, Func<T, string> toText, Func<T, bool> isMissing) where T : notnull
    {
        var codes = new int[values.Count];
        var known = new Dictionary<T, int>();
        var dictionary = new List<string>();
        for (var i = 0; i < codes.Length; i++)
        {
            var value = values[i];
            if (isMissing(value))
            {
                codes[i] = -1;
            }
            else if (!known.TryGetValue(value, out codes[i]))
            {
                codes[i] = dictionary.Count;
                known.Add(value, codes[i]);
                dictionary.Add(toText(value));
            }
        }

        return new TableColumn.Categorical(name, codes, dictionary);
    }
}
