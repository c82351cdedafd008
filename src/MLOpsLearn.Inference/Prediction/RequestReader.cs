using Google.Protobuf;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Tables;
using ColumnKind = MLOpsLearn.Learning.Specification.ColumnKind;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>
/// Holds a request against the signature and turns it into columns. Works column by column, so that a row costs a copy and, for a category,
/// one look-up; what is wrong is named by column, with the first row that breaks the rule.
/// </summary>
internal static class RequestReader
{
    public const int MostRows = 10_000;
    private const int LongestId = 200;
    private const int MostColumnFaults = 20;
    private const long LatestEventTimeMs = 253_370_764_800_000;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT with every fault.</exception>
    public static RequestRows Read(PredictRequest request, LoadedVersion model, TimeProvider time)
    {
        var checks = new FieldChecks();
        CheckId(request.Id, checks);
        var signature = model.Pipeline.Signature;
        var columns = new TableColumn?[signature.Inputs.Count];
        var rows = request.Columns.Count > 0 ? RowsOf(request.Columns[0]) : 0;
        checks.Require(rows is > 0 and <= MostRows, "columns", rows, $"must have 1 to {MostRows} rows");
        CheckEventTimes(request, rows, checks);
        checks.ThrowIfAny();

        var faults = 0;
        foreach (var column in request.Columns)
        {
            if (ReadColumn(column, rows, request.Columns[0].Name, model, columns) is { } fault)
            {
                checks.Fault($"columns[{Shorten(column.Name, 80)}]{fault.At}", fault.Value, fault.Rule);
                if (++faults == MostColumnFaults)
                {
                    checks.ThrowIfAny();
                }
            }
        }

        for (var i = 0; i < columns.Length; i++)
        {
            // A column that came but is at fault has been named already.
            if (columns[i] is null && !request.Columns.Any(column => column.Name == signature.Inputs[i].Name))
            {
                checks.Require(!signature.Inputs[i].Required, $"columns[{signature.Inputs[i].Name}]", "", "is needed by the model");
                columns[i] = LoadedVersion.MissingColumn(signature.Inputs[i], rows);
            }
        }

        checks.ThrowIfAny();
        var eventTimes = request.EventTimesMs.Count == 0 ? [time.GetUtcNow().ToUnixTimeMilliseconds()] : request.EventTimesMs.ToArray();
        return new RequestRows(request.Id.Length == 0 ? Guid.CreateVersion7().ToString() : request.Id, eventTimes, new ColumnTable(columns!));
    }

    private static ColumnFault? ReadColumn(InputColumn column, int rows, string firstName, LoadedVersion model, TableColumn?[] columns)
    {
        if (!model.InputIndex.TryGetValue(column.Name, out var index))
        {
            return new ColumnFault("", column.Name, $"must be an input of the model, which are {InputNames(model.Pipeline.Signature)}");
        }

        if (columns[index] is not null)
        {
            return new ColumnFault("", column.Name, "must come once");
        }

        if (RowsOf(column) is var count && count != rows)
        {
            return new ColumnFault("", count, $"must have {rows} values as the first column, '{Shorten(firstName, 80)}', has");
        }

        var input = model.Pipeline.Signature.Inputs[index];
        var fault = input.Kind == ColumnKind.Numeric ? ReadNumbers(column, out var read) : ReadCategories(column, out read);
        if (fault is null)
        {
            columns[index] = read;
        }

        return fault;
    }

    private static ColumnFault? ReadNumbers(InputColumn column, out TableColumn? read)
    {
        read = null;
        if (column.ValuesCase == InputColumn.ValuesOneofCase.Strings)
        {
            return new ColumnFault("", "strings", "must be doubles or int64s, for the column is numeric");
        }

        double[] numbers;
        if (column.ValuesCase == InputColumn.ValuesOneofCase.Int64S)
        {
            var integers = UnsafeCollectionOperations.AsSpan(column.Int64S.Values);
            numbers = GC.AllocateUninitializedArray<double>(integers.Length);
            for (var row = 0; row < numbers.Length; row++)
            {
                numbers[row] = integers[row];
            }
        }
        else
        {
            numbers = UnsafeCollectionOperations.AsSpan(column.Doubles.Values).ToArray();
            for (var row = 0; row < numbers.Length; row++)
            {
                if (double.IsInfinity(numbers[row]))
                {
                    return ColumnFault.InRow(row, numbers[row], "must be a finite number, or NaN when it is missing");
                }
            }
        }

        read = new TableColumn.Numeric(column.Name, numbers);
        return null;
    }

    private static ColumnFault? ReadCategories(InputColumn column, out TableColumn? read) => column.ValuesCase switch
    {
        InputColumn.ValuesOneofCase.Strings => CategoryCoder.OfStrings(column.Name, column.Strings.Values, out read),
        InputColumn.ValuesOneofCase.Int64S => CategoryCoder.OfInt64s(column.Name, UnsafeCollectionOperations.AsSpan(column.Int64S.Values), out read),
        _ => CategoryCoder.OfDoubles(column.Name, UnsafeCollectionOperations.AsSpan(column.Doubles.Values), out read),
    };

    private static int RowsOf(InputColumn column) => column.ValuesCase switch
    {
        InputColumn.ValuesOneofCase.Doubles => column.Doubles.Values.Count,
        InputColumn.ValuesOneofCase.Int64S => column.Int64S.Values.Count,
        InputColumn.ValuesOneofCase.Strings => column.Strings.Values.Count,
        _ => 0,
    };

    private static void CheckId(string id, FieldChecks checks)
    {
        if (id.Length > 0)
        {
            checks.Text("id", id, LongestId)
                .Require(!id.AsSpan().ContainsAny("/\t\r\n"), "id", id, "must not contain '/' or control characters: row i is named \"<id>/<i>\"");
        }
    }

    private static void CheckEventTimes(PredictRequest request, int rows, FieldChecks checks)
    {
        var times = request.EventTimesMs;
        checks.Require(times.Count <= 1 || times.Count == rows, "event_times_ms", times.Count, $"must be absent, one, or one for each of {rows} rows");
        for (var row = 0; row < times.Count; row++)
        {
            if (times[row] is < 0 or > LatestEventTimeMs)
            {
                checks.Fault($"event_times_ms[{row}]", times[row], $"must be milliseconds since 1970-01-01 UTC, 0 to {LatestEventTimeMs}");
                return;
            }
        }
    }

    private static string InputNames(ModelSignature signature) => Shorten(string.Join(", ", signature.Inputs.Select(input => input.Name)), 300);

    private static string Shorten(string text, int length)
    {
        var shown = string.Concat(text.Take(length).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return shown.Length < text.Length ? shown + "…" : shown;
    }
}
